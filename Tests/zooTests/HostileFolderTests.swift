import Foundation
import SequenceModel
import TestSupport
import Testing

/// A search path full of hostile plugins: what is honest works, what cannot be used is named, and nothing takes for ever.
@Suite(.serialized) struct HostileFolderTests {
    /// A cache of what children survived, of our own: nobody else's verdicts help.
    static let cache: [String: String] = ["XDG_CACHE_HOME": (try? TemporaryFolder.make()) ?? "/tmp"]

    @Test func listNamesEachThatCannotBeUsed() throws {
        let folder = try HostilePlugin.folder.get()
        let clock = ContinuousClock()
        var result = ZooProcess.Result(status: 0, wasKilled: false, output: "", errors: "")
        let time = try clock.measure {
            result = try ZooProcess.run("list", "--json", "--plugins", folder, environment: HostileFolderTests.cache)
        }
        #expect(!result.wasKilled && result.status == 0, "\(result.status) \(result.errors)")
        // Three hang, each until its ten seconds are over: one after the other they would take half a minute.
        let hanging = HostilePlugin.all.count { plugin in plugin.isRefused && plugin.defines.contains { $0 == "WAY_HANG" || $0 == "WAY_SPIN" } }
        #expect(hanging == 3 && time < .seconds(28), "\(hanging) hang; \(time)")
        let entries = try #require(JSONParser.parse(Array(result.output.utf8), maximumBytes: 1 << 24).arrayValue)
        let ids = Set(entries.compactMap { $0["id"]?.stringValue })
        for honest in ["transformer", "mamba", "diffusion", "minimal", "lstm", "gru"] { #expect(ids.contains(honest)) }
        let warnings = result.errors.split(separator: "\n")
        for plugin in HostilePlugin.all {
            let warning = warnings.first { $0.contains("\(folder)/\(plugin.fileName): ") }
            if case .refused(let words) = plugin.expectation {
                #expect(warning?.contains(words) == true, "\(plugin): \(warning ?? "no warning")")
                #expect(!ids.contains(plugin.id), "\(plugin)")
            } else {
                // What only shows in use is listed; what the description gives away is refused. Never neither, never in silence.
                #expect(ids.contains(plugin.id) || warning != nil, "\(plugin)")
            }
            if case .passes = plugin.expectation { #expect(ids.contains(plugin.id), "\(plugin)") }
        }

        // What was found out is remembered: nothing hangs or dies again.
        let again = try clock.measure {
            let second = try ZooProcess.run("list", "--json", "--plugins", folder, environment: HostileFolderTests.cache)
            #expect(second.output == result.output && second.errors == result.errors)
        }
        #expect(again < .seconds(5), "\(again)")
    }

    /// The working directory, signal handlers and the rest are the command's own again after a plugin changed them while it was loaded.
    @Test func whatLoadingChangesIsPutBack() throws {
        let plugin = try #require(HostilePlugin.named("hostile-manners-folder-at-load"))
        let result = try ZooProcess.run("list", "--plugins", plugin.library(), environment: HostileFolderTests.cache)
        #expect(result.status == 0)
        #expect(
            result.errors
                == "warning: \(try plugin.library()): changed the working directory while it was loaded; that was put back\n")
        let other = try #require(HostilePlugin.named("hostile-manners-signals-at-load"))
        let signals = try ZooProcess.run("list", "--plugins", other.library(), environment: HostileFolderTests.cache)
        #expect(
            signals.errors == "warning: \(try other.library()): changed signal handlers while it was loaded; that was put back\n")
    }

    /// A file that killed a child is not tried again, in whatever command, until its bytes are others.
    @Test func theDeadAreLeftAlone() throws {
        let folder = try TemporaryFolder.make()
        let mark = "\(folder)/mark"
        let plugin = try #require(HostilePlugin.named("hostile-dies-crash-at-load"))
        try FileManager.default.createDirectory(atPath: "\(folder)/plugins", withIntermediateDirectories: true)
        let path = "\(folder)/plugins/\(plugin.fileName)"
        try plugin.compile(into: "\(folder)/plugins", defines: ["MARK=\"\(mark)\""])
        func tries() -> Int { (try? Data(contentsOf: URL(fileURLWithPath: mark)).count) ?? 0 }
        let cache = ["XDG_CACHE_HOME": "\(folder)/cache"]
        func list() throws {
            let result = try ZooProcess.run("list", "--plugins", "\(folder)/plugins", environment: cache)
            #expect(result.status == 0)
            #expect(
                result.errors
                    == "warning: \(path): crashed (Segmentation fault) while it was loaded, in a process of its own\n")
        }
        try list()
        let first = tries()
        // In company with the others, and alone.
        #expect(first == 1 || first == 2)
        try list()
        let train = try ZooProcess.run(
            "train", plugin.id, "--plugins", "\(folder)/plugins", "--out", "\(folder)/out", environment: cache)
        #expect(train.status == 2 && train.errors.contains("\(path): crashed (Segmentation fault)"))
        // Touched, and copied: the same bytes.
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        try bytes.write(to: URL(fileURLWithPath: path), options: .atomic)
        try list()
        #expect(tries() == first)
        try (bytes + [0]).write(to: URL(fileURLWithPath: path), options: .atomic)
        try list()
        #expect(tries() > first)
    }
}
