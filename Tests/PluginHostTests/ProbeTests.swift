import Foundation
import Testing
import TestSupport

@testable import PluginHost

/// Plugins that do not survive being loaded do not take the program with them.
@Suite struct ProbeTests {
    private static let prober = Result { try TestPlugins.compileProgram("prober.c") }

    private func probe(cache: String? = nil) throws -> PluginProbe {
        PluginProbe(command: [try ProbeTests.prober.get()], cache: cache, timeLimit: .seconds(5))
    }

    @Test(arguments: [
        ("CRASH", "crashed (Segmentation fault)"), ("HANG", "took longer than 5.0 seconds"),
        ("EXIT", "ended the process with status 0"),
    ])
    func namesTheDead(what: String, reason: String) throws {
        let folder = try TemporaryFolder.make()
        let bad = try TestPlugins.compile("constructor.c", defines: [what])
        try FileManager.default.copyItem(atPath: try TestPlugins.bigram.get(), toPath: "\(folder)/good.so")
        let catalogue = PluginCatalogue(searchPath: [bad, folder], probe: try probe())
        #expect(catalogue.entries.map(\.plugin.path) == ["\(folder)/good.so"])
        #expect(
            catalogue.failures.map(\.error.message)
                == ["\(bad): \(reason) while it was loaded, in a process of its own"])
    }

    /// A file that lives by itself and makes the next one die is the one that goes.
    @Test func findsWhoDamagesOthers() throws {
        let folder = try TemporaryFolder.make()
        // Stands for a child: "bad" files do not survive alone; "victim" files do not survive after a "damaging" one.
        let script = """
            damaged=0; for f in "$@"; do case $f in *bad*) exit 7;; *damaging*) damaged=1;; *victim*) [ $damaged = 0 ] || kill -SEGV $$;; esac; \
            printf x >&3; done; exit 42
            """
        let names = ["0good", "1bad", "2good", "3damaging", "4good", "5victim", "6good", "7damaging", "8victim", "9good"]
        for name in names { try FileManager.default.copyItem(atPath: try TestPlugins.bigram.get(), toPath: "\(folder)/\(name).so") }
        let paths = names.map { "\(folder)/\($0).so" }
        let probe = PluginProbe(command: ["/bin/sh", "-c", script, "sh"], cache: nil)
        let deaths = probe.deaths(among: paths)
        #expect(deaths.keys.sorted() == [paths[1], paths[3], paths[7]])
        #expect(deaths[paths[1]]?.message.contains("ended the process with status 7") == true)
        for index in [3, 7] { #expect(deaths[paths[index]]?.message.contains("damaged the memory of other libraries") == true) }
    }

    /// Files that hang wait side by side, and the others do not wait for them.
    @Test func boundsTheTimeOfMany() throws {
        let folder = try TemporaryFolder.make()
        let hang = try TestPlugins.compile("constructor.c", defines: ["HANG"])
        let crash = try TestPlugins.compile("constructor.c", defines: ["CRASH"])
        let kinds = ["hang", "good", "crash", "hang", "hang", "good", "hang", "crash", "good"]
        for (index, kind) in kinds.enumerated() {
            let source = kind == "hang" ? hang : kind == "crash" ? crash : try TestPlugins.bigram.get()
            try FileManager.default.copyItem(atPath: source, toPath: "\(folder)/\(index).so")
        }
        let paths = kinds.indices.map { "\(folder)/\($0).so" }
        let probe = PluginProbe(command: [try ProbeTests.prober.get()], cache: nil, timeLimit: .seconds(4))
        var deaths: [String: ZooError] = [:]
        let time = ContinuousClock().measure { deaths = probe.deaths(among: paths) }
        for (path, kind) in zip(paths, kinds) {
            let words = kind == "hang" ? "took longer than 4.0 seconds" : "crashed (Segmentation fault)"
            #expect(kind == "good" ? deaths[path] == nil : deaths[path]?.message.contains(words) == true, "\(path)")
        }
        // Four that hang would take 16 seconds one after the other.
        #expect(time < .seconds(12), "\(time)")
    }

    @Test func remembersTheLiving() throws {
        let cache = try TemporaryFolder.make() + "/new/zoo/plugins.json"
        try FileManager.default.createDirectory(
            atPath: (cache as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        let path = try TestPlugins.compile("constructor.c", defines: ["NOTHING"])
        let report = try PluginFile.inspect(path)
        #expect(try probe(cache: cache).deaths(among: [path]).isEmpty)
        #expect(ProbeCache(path: cache).read() == [path: ProbeVerdict(mark: ProbeMark(report), death: nil)])
        // A probe that would find everything dead has nothing left to try,
        let deadly = PluginProbe(command: ["/bin/false"], cache: cache)
        #expect(deadly.deaths(among: [path]).isEmpty)
        // until the file is another one.
        try Data(contentsOf: URL(fileURLWithPath: path)).write(to: URL(fileURLWithPath: path), options: .atomic)
        #expect(deadly.deaths(among: [path])[path]?.message.contains("ended the process with status 1") == true)
    }

    /// Bytes that ended a child are not tried again, whatever the file's times say; other bytes are.
    @Test func quarantinesTheDead() throws {
        let folder = try TemporaryFolder.make()
        let (cache, path) = ("\(folder)/plugins.json", "\(folder)/plugin.so")
        let bad = try TestPlugins.compile("constructor.c", defines: ["CRASH"])
        try FileManager.default.copyItem(atPath: bad, toPath: path)
        let message = "\(path): crashed (Segmentation fault) while it was loaded, in a process of its own"
        #expect(try probe(cache: cache).deaths(among: [path])[path]?.message == message)
        // A probe that would find everything alive is not asked.
        let lenient = PluginProbe(command: ["/bin/sh", "-c", "exit \(PluginProbe.survived)"], cache: cache)
        #expect(lenient.deaths(among: [path])[path]?.message == message)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        try bytes.write(to: URL(fileURLWithPath: path), options: .atomic)
        #expect(lenient.deaths(among: [path])[path]?.message == message)
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.copyItem(
            atPath: try TestPlugins.compile("constructor.c", defines: ["NOTHING"]), toPath: path)
        #expect(lenient.deaths(among: [path]).isEmpty)
        #expect(ProbeCache(path: cache).read()[path]?.death == nil)
    }

    @Test func cacheMayBeAnything() throws {
        let path = try TestPlugins.bigram.get()
        for text in ["", "{", "[]", #"{"program":"zoo 0.0.0","files":{}}"#, #"{"program":7}"#] {
            let cache = try TemporaryFolder.make() + "/plugins.json"
            try Data(text.utf8).write(to: URL(fileURLWithPath: cache))
            #expect(try probe(cache: cache).deaths(among: [path]).isEmpty)
            #expect(ProbeCache(path: cache).read().keys.sorted() == [path])
        }
        #expect(try probe(cache: "/proc/none/plugins.json").deaths(among: [path]).isEmpty)
    }

    /// Without a child there is no verdict.
    @Test func probeThatCannotStart() throws {
        let probe = PluginProbe(command: ["/no/such/program"], cache: nil)
        #expect(probe.deaths(among: [try TestPlugins.bigram.get()]).isEmpty)
    }
}
