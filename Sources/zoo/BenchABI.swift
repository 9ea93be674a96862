import ArgumentParser
import Evaluation
import Foundation
import PluginHost
import SequenceModel

/// `zoo bench abi`: what the plugin boundary itself costs.
struct BenchABI: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "abi", abstract: "Cost of a call into a plugin that does nothing, of loading one, of zoo list.",
        discussion: """
            Example:
              zoo bench abi --repeats 20
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: "How often each plugin is loaded, and zoo list run; the medians are shown.")
    var repeats = 5

    func validate() throws {
        if !(1 ... 1000).contains(repeats) { throw ValidationError("--repeats is \(repeats); allowed: 1 to 1000") }
    }

    func run() throws {
        let catalogue = try global.catalogue()
        var paths: [String] = []
        for entry in catalogue.entries where !paths.contains(entry.plugin.path) { paths.append(entry.plugin.path) }
        guard !paths.isEmpty else {
            throw ZooError(.plugin, "no plugin was found", hint: "zoo doctor says what is on the search path")
        }
        let figures = try paths.map { path in
            let runs = try (0 ..< repeats).map { _ in try AbiBenchmark.measure(pluginAt: path) }
            return (
                nanosecondsPerCall: median(runs.map(\.nanosecondsPerCall)) ?? 0,
                loadMilliseconds: median(runs.map(\.loadMilliseconds)) ?? 0
            )
        }
        let list = try median((0 ..< repeats).map { _ in try listSeconds() }) ?? 0
        guard global.json else {
            for (path, figure) in zip(paths, figures) {
                let name = URL(fileURLWithPath: path).lastPathComponent
                print(
                    String(
                        format: "%@: %.0f ns a call, %.2f ms to load", name, figure.nanosecondsPerCall,
                        figure.loadMilliseconds))
            }
            print(String(format: "zoo list: %.3f s", list))
            return
        }
        print(
            json: [
                "plugins": .array(
                    zip(paths, figures).map { path, figure in
                        .object([
                            "plugin": .string(path), "call_nanoseconds": .number(figure.nanosecondsPerCall),
                            "load_milliseconds": .number(figure.loadMilliseconds),
                        ])
                    }), "list_seconds": .number(list),
            ])
    }

    /// Seconds from start to end of `zoo list --json` with the same plugins, in a process of its own.
    private func listSeconds() throws -> Double {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["list", "--json"] + global.plugins.flatMap { ["--plugins", $0] }
        process.standardOutput = FileHandle.nullDevice
        let watch = Stopwatch()
        do { try process.run() } catch {
            throw ZooError(.temporary, "zoo list cannot be started: \(error)", cause: error)
        }
        process.waitUntilExit()
        let seconds = watch.seconds
        guard process.terminationStatus == 0 else {
            throw ZooError(.internalBug, "zoo list ended with status \(process.terminationStatus)")
        }
        return seconds
    }
}
