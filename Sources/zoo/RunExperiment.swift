import ArgumentParser
import Experiments
import Foundation
import PluginHost
import Report
import RunStore
import SequenceModel
import Training

/// `zoo run`: carries out the comparisons of an experiment file.
struct RunExperiment: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Carry out an experiment: the comparisons that a TOML file describes.",
        discussion: """
            A file names models, text, budget, seeds, what is tuned, and one comparison or several:

              name = "first"
              models = ["transformer", "mamba"]
              seeds = 3
              [budget]
              parameters = "300k"
              steps = 200
              [tuning]
              learning_rate = [0.001, 0.003]

            The other keys, all with defaults: description, data.files, data.split, budget.context, budget.batch, budget.tokens or budget.minutes in \
            place of steps, training.KEY, set.KEY and set.MODEL.KEY, tasks, decode_contexts, other_sizes; and [[comparison]] tables with a name, whose keys go \
            over those of the file. zoo/experiments/README.md has them all.

            Runs are processes that share nothing but the folder --out, and each is known by the hash of its plugin, text, configuration, options and \
            seed: the same command goes on where it was stopped, runs nothing when all is done, and after a change of the file runs what the change \
            touches. Speeds are measured beside other runs unless --jobs is 1.

            Examples:
              zoo run zoo/experiments/quick.toml
              zoo run families.toml --dry-run
              zoo run families.toml --set budget.steps=100 --set comparison.exact.seeds=5 --out runs/short
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The experiment: a TOML file.")
    var file: String

    @Option(help: "The folder for what comes out: missing, empty, or that of the same experiment. Default: runs/NAME.")
    var out: String?

    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: ArgumentHelp(
            "Put a value in place of the file's, by the path of its key; comparison.NAME.KEY for one comparison. May be repeated. Default: what the file says.",
            valueName: "key.path=value"))
    var settings: [String] = []

    @Flag(help: "Say what would be run and what it would take, from some measured steps of each model; nothing is written. Default: off.")
    var dryRun = false

    @OptionGroup var runs: RunOptions

    func validate() throws {
        if out?.isEmpty == true { throw ValidationError("--out is empty; it names the folder for what comes out") }
        if file.isEmpty { throw ValidationError("the name of the experiment file is empty") }
    }

    func run() throws {
        Interruption.install()
        let catalogue = try global.catalogue()
        let experiment = try ExperimentFile(
            path: file, overrides: settings, models: catalogue.entries.map { SettingTable.Keys($0.description) })
        let text = [UInt8](try RunFiles.read(file))
        let folder = ExperimentFolder(out ?? "runs/\(experiment.name)")
        // Before models are asked for their sizes, which takes a while.
        try folder.check(name: experiment.name)
        let plans = try plan(experiment, catalogue, folder)
        let executable = try Compare.executable()
        if dryRun {
            return try ExperimentForecast(
                experiment, plans, folder: folder, jobs: concurrentRuns,
                prober: ProcessProber(command: [executable, "probe-run"])
            ).print(isJSON: global.json, isQuiet: global.quiet)
        }
        let display = ExperimentDisplay(plans, isQuiet: global.quiet)
        defer { display.finish() }
        let runner = ProcessJobRunner(command: [executable, "run-job"], timeoutMinutes: runs.timeout)
        let run = ExperimentRun(folder: folder, runner: runner, retriesFailures: runs.retry, concurrentRuns: concurrentRuns)
        let store = ExperimentStoreKeeper(folder)
        var finished: [(name: String, results: ComparisonResults)] = []
        var failure: (any Error)?
        try run.carryOut(experiment, text: text, plans) { event in
            display.show(event)
            switch event {
            case .recorded(let record, let wasDone): if !wasDone { store.add(record) }
            case .finished(let name, let results):
                finished.append((name, results))
                do {
                    try ReportWriter.write(results, to: folder.comparison(name).report) { Terminal.writeError("warning: \($0)\n") }
                } catch {
                    failure = failure ?? error
                }
            case .comparison: break
            }
        }
        display.finish()
        store.update()
        if let failure { throw failure }
        // A short comparison may have ended before a long one that is above it in the file.
        let order = Dictionary(plans.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        finished.sort { (order[$0.name] ?? 0) < (order[$1.name] ?? 0) }
        try report(experiment, finished, folder, display)
    }

    private func report(
        _ experiment: ExperimentFile, _ finished: [(name: String, results: ComparisonResults)], _ folder: ExperimentFolder,
        _ display: ExperimentDisplay
    ) throws {
        if global.json {
            let comparisons = try finished.map { name, results -> JSONValue in
                let value = try JSONParser.parse(Array(JSONFile.text(results).utf8), maximumBytes: 1 << 28)
                return .object(["name": .string(name), "results": value])
            }
            print(
                json: [
                    "experiment": .string(experiment.name), "folder": .string(folder.path),
                    "runs": .integer(Int64(display.runCount)), "reused": .integer(Int64(display.reusedCount)),
                    "comparisons": .array(comparisons),
                ])
        } else {
            for (name, results) in finished {
                print("\(name)\n\(String(repeating: "═", count: name.count))\n")
                print(ComparisonTable.text(results, width: Terminal.outputWidth))
            }
            print("\(display.runCount) runs, \(display.reusedCount) of them done before\n")
            for (name, _) in finished { print(folder.comparison(name).report) }
            print(folder.records)
            print("zoo query \(folder.path) asks further")
        }
        if finished.allSatisfy({ $0.results.rows.allSatisfy { $0.status != .ok } }) {
            throw ZooError(
                .plugin, "no run ended well", hint: "the logs are in \(folder.runs); --retry runs again what failed")
        }
    }

    private func plan(_ experiment: ExperimentFile, _ catalogue: PluginCatalogue, _ folder: ExperimentFolder) throws
        -> [PlannedComparison]
    {
        let names = Set(experiment.comparisons.flatMap(\.models))
        let candidates = try catalogue.entries.filter { names.contains($0.description.id) }.map {
            ComparisonPlanner.Candidate(
                description: $0.description, plugin: $0.plugin.path, pluginSHA256: try $0.plugin.sha256())
        }
        let limit = min(ProcessSizer.defaultLimitSeconds, runs.timeout.map { $0 * 60 } ?? .infinity)
        let planner = ExperimentPlanner(
            experiment, folder: (file as NSString).deletingLastPathComponent, candidates: candidates,
            sizer: ProcessSizer(command: [try Compare.executable(), "size-model"], limitSeconds: limit),
            threads: threadsOfRun, command: Compare.command(out: folder.path), started: Date().formatted(.iso8601),
            earlierMatches: { try folder.comparison($0).matches($1) })
        return try planner.plan { Terminal.writeError("warning: \($0)\n") }
    }

    private var concurrentRuns: Int { runs.jobs ?? max(ThreadPool.processorCount / (global.threads ?? 1), 1) }

    private var threadsOfRun: Int { global.threadCount(besides: concurrentRuns) }
}

extension SettingTable.Keys {
    /// What a model of the catalogue takes.
    init(_ description: ModelDescription) {
        let schema = try? JSONParser.parse(description.configurationSchema)
        self.init(
            model: description.id, training: TrainingOptions.keyNames.filter { SettingTable.budgetKeys[$0] == nil },
            configuration: schema?["properties"]?.objectValue?.keys ?? [])
    }
}
