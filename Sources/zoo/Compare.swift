import ArgumentParser
import Experiments
import Foundation
import PluginHost
import Report
import SequenceModel
import Training

/// `zoo compare`: trains several models on the same bytes under the same budget and says what came out.
struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train several models on the same text or tasks under the same budget and compare them.",
        discussion: """
            Every model is sized to --parameters (within 5 %), trained on the same windows of the same text in a process of its own, and \
            measured: bits per byte on the test part, training and decoding speed, state and memory. A run that crashes, diverges or takes \
            too long is a row of the table with its cause. Ends with a table, results.json and report.html in --out.

            With --task every model is trained on each task instead, in rows that are generated, and asked through predict at every length that the \
            task tests: accuracy beside what chance gives, and the bytes of state. --data, --split, --context and --decode-contexts are for text.

            With --match each model is sized to equal training operations, equal state or equal time in place of equal parameters. With --vary \
            the trained models are evaluated again under other settings, as more steps of descent or denoising, on the same weights.

            Interrupted, the same command with the same --out goes on where it stopped.

            Examples:
              zoo compare transformer mamba --out runs/first
              zoo compare --all --data book.txt --parameters 1M --minutes 5 --seeds 3 --out runs/book
              zoo compare transformer mamba --set mamba.learning_rate=2e-3 --timeout 20
              zoo compare transformer lstm --task parity --task mqar --steps 1000 --batch 64 --out runs/tasks
              zoo compare transformer mamba --match state --state 64KiB --context 256
              zoo compare ebt diffusion --vary ebt.inference_mcmc_steps=0,1,2,4,8 --vary diffusion.steps=4,16,64
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var budget: CompareOptions

    @Argument(help: ArgumentHelp("Models to compare. Default: all that are found.", valueName: "model"))
    var models: [String] = []

    @Flag(help: "Every model that is found, which is also what no model names. Default: off.")
    var all = false

    @OptionGroup var text: TextOptions

    @Option(help: "The folder for results.json, report.html, logs and checkpoints: missing, empty, or that of the same comparison. Default: compare-YYYYMMDD-HHMMSS.")
    var out: String?

    @OptionGroup var runs: RunOptions

    func validate() throws {
        if out?.isEmpty == true { throw ValidationError("--out is empty; it names the folder for what comes out") }
        if all, !models.isEmpty { throw ValidationError("name models or give --all, not both") }
        if let twice = Dictionary(grouping: models, by: { $0 }).first(where: { $0.value.count > 1 }) {
            throw ValidationError("\(twice.key) is named twice")
        }
    }

    func run() throws {
        Interruption.install()
        try budget.check()
        let learned = try self.learned()
        var request = try budget.request(threads: global.threadCount(besides: runs.jobs ?? 1), dataFiles: learned?.paths ?? [], split: text.split)
        let folder = ComparisonFolder(out ?? Compare.folderName())
        // Before models are asked for their sizes, which takes a while.
        try folder.check()
        request.earlierMatches = try folder.matches(request.match)
        let candidates = try self.candidates()
        let executable = try Compare.executable()
        let limit = min(ProcessSizer.defaultLimitSeconds, runs.timeout.map { $0 * 60 } ?? .infinity)
        let planner = ComparisonPlanner(
            sizer: ProcessSizer(command: [executable, "size-model"], limitSeconds: limit), request: request,
            data: try learned?.summary ?? DataSummary(tasks: request.tasks), command: Compare.command(out: folder.path),
            started: Date().formatted(.iso8601))
        let plan = try planner.plan(candidates) { Terminal.writeError("warning: \($0)\n") }
        if let warning = learned?.overlapWarning { Terminal.writeError("warning: \(warning)\n") }

        let display = CompareDisplay(isQuiet: global.quiet)
        defer { display.finish() }
        let runner = ProcessJobRunner(command: [executable, "run-job"], timeoutMinutes: runs.timeout)
        let comparison = Comparison(folder: folder, runner: runner, retriesFailures: runs.retry, concurrentRuns: runs.jobs ?? 1)
        let results = try carryOut(comparison, plan, in: folder.path) { display.show($0) }
        display.finish()
        try ReportWriter.write(results, to: folder.report) { Terminal.writeError("warning: \($0)\n") }
        if global.json {
            print(try JSONFile.text(results), terminator: "")
        } else {
            print(ComparisonTable.text(results, width: Terminal.outputWidth), terminator: "")
            print("\n\(folder.results)\n\(folder.report)")
        }
        if results.rows.allSatisfy({ $0.status != .ok }) {
            throw ZooError(
                .plugin, "no run ended well",
                hint: "the logs are in \(folder.path)/runs; --retry runs again what failed")
        }
    }

    /// The text; nil where tasks are compared on.
    private func learned() throws -> ComparisonText? {
        if budget.task.isEmpty { return try text.text(context: budget.shared.context) }
        guard text.data.isEmpty else {
            throw ZooError(.usage, "--data and --task cannot both say what is learned", hint: "leave one of them out")
        }
        return nil
    }

    /// Interrupted, says how to go on in a folder that nobody named.
    private func carryOut(
        _ comparison: Comparison, _ plan: ComparisonPlan, in folder: String, event: (Comparison.Event) -> Void
    ) throws -> ComparisonResults {
        do {
            return try comparison.carryOut(plan, event: event)
        } catch var error as ZooError where error.code == .interrupted && out == nil {
            error.hint = "the same command with --out \(folder) goes on where this one stopped"
            throw error
        }
    }

    private func candidates() throws -> [ComparisonPlanner.Candidate] {
        let catalogue = try global.catalogue()
        if models.isEmpty {
            for failure in catalogue.failures { Terminal.writeError("warning: \(failure.error.message)\n") }
        }
        let entries = try models.isEmpty ? catalogue.entries : models.map { try catalogue.entry(named: $0) }
        guard !entries.isEmpty else {
            throw ZooError(
                .plugin, "no plugin was found in \(catalogue.searchPath.joined(separator: ", "))",
                hint: "--plugins DIR adds to the search path")
        }
        return try entries.map {
            .init(description: $0.description, plugin: $0.plugin.path, pluginSHA256: try $0.plugin.sha256())
        }
    }

    /// Where this program lies.
    static func executable() throws -> String {
        guard let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            throw ZooError(.internalBug, "/proc/self/exe cannot be read: where this program lies is not known")
        }
        return path
    }

    private static func folderName() -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.dateFormat = "yyyyMMdd-HHmmss"
        return "compare-" + formatter.string(from: Date())
    }

    /// The command line that makes this comparison again, words quoted for a shell; the folder is named even when it was not.
    static func command(out: String) -> String {
        var words = ["zoo"] + CommandLine.arguments.dropFirst()
        let isNamed = words.contains { $0 == "--out" || $0.hasPrefix("--out=") }
        if !isNamed { words += ["--out", out] }
        return ShellText.line(words)
    }
}
