import ArgumentParser
import Conformance
import Glibc
import PluginHost
import SequenceModel

/// `zoo check`: tries a plugin the way a careful host would.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Try whether a plugin keeps the contract: what it says, computes, saves and leaves alone.",
        discussion: """
            Each test runs in a process of its own with limits on time and memory, so that a crash or a hang is a result. --list says \
            what the tests are. The exit status is 0 when none failed, 1 when one failed or crashed, 2 when the file cannot be used.

            With --json: an object with the keys plugin, seed, strictness and models, an array of objects with the keys model and results; a \
            result has test, outcome ("passed", "failed", "crashed", "skipped", "warning"), detail and seed. For a file with one model the keys \
            model and results stand at the top as well.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: ArgumentHelp("A plugin file, or the id of a model on the search path.", valueName: "plugin.so | model"))
    var subject: String?

    @Option(help: "Of a file with several models: this one. Default: all.")
    var model: String?

    @Option(parsing: .upToNextOption, help: "Only these tests.")
    var only: [String] = []

    @Option(help: "1 (what no host can do without) to 10 (everything).")
    var strictness = 5

    @Option(help: "Decides every random choice: the same seed tries the same.")
    var seed: UInt64 = 0

    @Flag(help: "Run the tests in this process: for a debugger.")
    var inProcess = false

    @Flag(help: "Say what the tests are.")
    var list = false

    func validate() throws {
        guard (1 ... 10).contains(strictness) else { throw ValidationError("--strictness is \(strictness); allowed: 1 to 10") }
        guard subject != nil || list else { throw ValidationError("give a plugin file or the id of a model") }
    }

    func run() throws {
        let tests = try chosenTests()
        if list { return try CheckOutput.list(tests, asJSON: global.json) }
        guard let subject else { return }
        Interruption.install()
        // Found in the catalogue, a plugin was loaded by this process already, after a child survived it.
        let isFile = Check.isPath(subject)
        let path = isFile ? subject : try global.catalogue().entry(named: subject).plugin.path
        let runner = ConformanceRunner(command: RunConformanceTest.command, seed: seed)
        let models: [String]
        do {
            models = try chosenModels(runner.models(path: path), isFile ? model : model ?? subject)
        } catch let error as ZooError where error.code == .plugin {
            if global.json { CheckOutput.printRefusal(path: path, error, seed: seed, strictness: strictness) }
            throw error
        }
        var all: [(model: String, results: [TestResult])] = []
        for model in models {
            let progress = Progress("check \(model)", total: tests.count, unit: "tests", isQuiet: global.quiet)
            var done = 0
            let onResult = { (result: TestResult) in
                done += 1
                progress.update(done, detail: result.outcome.isFailure ? "\(result.test) \(result.outcome.rawValue)" : "")
            }
            let results =
                inProcess
                ? runner.runInProcess(tests, path: path, model: model, onResult: onResult)
                : try runner.run(tests, path: path, model: model, onResult: onResult)
            progress.finish()
            all.append((model, results))
        }
        if global.json {
            CheckOutput.printJSON(path: path, all, seed: seed, strictness: strictness)
        } else {
            for (model, results) in all { CheckOutput.printTable(model, path: path, results) }
        }
        if all.contains(where: { $0.results.contains { $0.outcome.isFailure } }) { throw ExitCode(ZooError.Code.negative.exitStatus) }
    }

    /// Whether `subject` is a file rather than the id of a model, which has only small letters, digits, "_" and "-".
    static func isPath(_ subject: String) -> Bool {
        !subject.utf8.allSatisfy { byte in
            (UInt8(ascii: "a") ... UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0") ... UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
        }
    }

    private func chosenTests() throws -> [ConformanceTest] {
        guard !only.isEmpty else { return list ? ConformanceSuite.tests : ConformanceSuite.tests(strictness: strictness) }
        let names = only.flatMap { $0.split(separator: ",").map(String.init) }
        for name in names where ConformanceSuite.test(named: name) == nil {
            let near = nearestName(to: name, among: ConformanceSuite.tests.map(\.name)).map { "; did you mean \($0)?" } ?? ""
            throw ZooError(.usage, "--only \(name): there is no such test\(near)", hint: "zoo check --list names them all")
        }
        return ConformanceSuite.tests.filter { names.contains($0.name) }
    }

    private func chosenModels(_ known: [String], _ wanted: String?) throws -> [String] {
        guard let wanted else { return known }
        guard known.contains(wanted) else {
            let near = nearestName(to: wanted, among: known).map { "; did you mean \($0)?" } ?? "."
            throw ZooError(.data, "the plugin has no model \(wanted)\(near) It has \(known.joined(separator: ", "))")
        }
        return [wanted]
    }
}
