import ArgumentParser
import Experiments
import Foundation
import PluginHost
import Report
import SequenceModel
import Training

/// `zoo scale`: trains models of several sizes for several lengths, fits scaling laws and tests them.
struct Scale: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train models of several sizes for several lengths, fit how the loss falls, and test the fit.",
        discussion: """
            Every size is trained for every number of bytes, as zoo compare trains, and L = E + A/N^α + B/D^β is fitted to the losses on the \
            test part, with intervals. The most expensive runs are left out of a second fit and predicted, the best size for a budget is given with \
            its interval, and where the intervals are useless nothing is carried beyond the runs. A law needs three sizes and three token counts; seeds make \
            its intervals honest.

            Interrupted, the same command with the same --out goes on where it stopped. More --sizes or --tokens later run \
            only what is new.

            Examples:
              zoo scale transformer mamba --sizes 100k,300k,1M --tokens 1M,3M,10M --seeds 2 --data book.txt --out runs/scale
              zoo scale mamba --sizes 50k,100k,200k,400k --operations 1e11,4e11 --tune learning_rate=0.001,0.003 --out runs/profiles
              zoo scale --from runs/scale --json
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var options: ScaleOptions

    @Argument(help: ArgumentHelp("Models to train.", valueName: "model"))
    var models: [String] = []

    @OptionGroup var text: TextOptions

    @Option(help: "The folder for the comparisons, scaling.json and report.html: missing, empty, or that of a study. No default, unless there is --from.")
    var out: String?

    @Option(help: "Train nothing: fit again what lies in the folder of a study. Default: train.")
    var from: String?

    @Option(help: "Fits of each bootstrap, 20 to 100000.")
    var replicates = ScalingFit.defaultReplicates

    @Flag(help: "Count parameters without the tables of embeddings. Default: all parameters.")
    var withoutEmbeddings = false

    @OptionGroup var runs: RunOptions

    func validate() throws {
        if out?.isEmpty == true { throw ValidationError("--out is empty; it names the folder for what comes out") }
        if from?.isEmpty == true { throw ValidationError("--from is empty; it names the folder of a study") }
        if !(20 ... 100_000).contains(replicates) {
            throw ValidationError("--replicates is \(replicates); allowed: 20 to 100000")
        }
        if from != nil {
            if !models.isEmpty { throw ValidationError("--from fits what is there: leave out the models") }
            if out != nil { throw ValidationError("--from writes into its own folder: leave out --out") }
        } else {
            if models.isEmpty { throw ValidationError("name the models to train, or --from DIR to fit again what is there") }
            if out == nil { throw ValidationError("name the folder for what comes out: --out DIR") }
            if let twice = Dictionary(grouping: models, by: { $0 }).first(where: { $0.value.count > 1 }) {
                throw ValidationError("\(twice.key) is named twice")
            }
        }
    }

    func run() throws {
        let folder = ScalingFolder(from ?? out ?? "")
        if from == nil { try train(in: folder) }
        let results = try ScalingResults(
            folder.comparisons(), replicates: replicates, excludingEmbeddings: withoutEmbeddings)
        try JSONFile.write(results, to: folder.results)
        try ScalingPage.write(results, to: folder.report) { Terminal.writeError("warning: \($0)\n") }
        if global.json {
            print(try JSONFile.text(results), terminator: "")
        } else {
            print(ScalingTable.text(results, width: Terminal.outputWidth), terminator: "")
            print("\n\(folder.results)\n\(folder.report)")
        }
        if results.points.isEmpty {
            throw ZooError(
                .plugin, "no run ended well",
                hint: "the logs are in \(folder.path)/*/runs; --retry runs again what failed")
        }
    }

    private func train(in folder: ScalingFolder) throws {
        Interruption.install()
        let grid = try options.grid()
        let learned = try text.text(context: options.shared.context)
        try folder.check()
        let catalogue = try global.catalogue()
        let candidates = try models.map { name in
            let entry = try catalogue.entry(named: name)
            return ComparisonPlanner.Candidate(
                description: entry.description, plugin: entry.plugin.path, pluginSHA256: try entry.plugin.sha256())
        }
        if let silent = candidates.first(where: { $0.description.likelihood == .none }) {
            throw ZooError(
                .usage, "\(silent.description.id) has no likelihood: there is no loss to fit a law to", hint: "zoo list says which models have one")
        }
        if let warning = learned.overlapWarning { Terminal.writeError("warning: \(warning)\n") }
        let executable = try Compare.executable()
        let sizer = ProcessSizer(command: [executable, "size-model"])
        // All are sized before the first is trained: a size that a model cannot have ends the command at once.
        let plans = try grid.cells.enumerated().map { index, cell in
            let request = try options.request(cell, threads: global.threadCount(besides: runs.jobs ?? 1), dataFiles: learned.paths, split: text.split)
            let planner = ComparisonPlanner(
                sizer: sizer, request: request, data: learned.summary, command: Compare.command(out: folder.path),
                started: Date().formatted(.iso8601))
            return try planner.plan(candidates) { if index == 0 { Terminal.writeError("warning: \($0)\n") } }
        }
        let runner = ProcessJobRunner(command: [executable, "run-job"], timeoutMinutes: runs.timeout)
        for (index, (cell, plan)) in zip(grid.cells, plans).enumerated() {
            if !global.quiet {
                Terminal.writeError(
                    "\(index + 1)/\(plans.count): \(SizeText.short(cell.size)) parameters, \(SizeText.short(cell.tokens)) tokens, "
                        + "\(ScalingText.operations(cell.operations)) operations a run\n")
            }
            let display = CompareDisplay(isQuiet: global.quiet)
            defer { display.finish() }
            let comparison = Comparison(
                folder: folder.comparison(cell), runner: runner, retriesFailures: runs.retry, concurrentRuns: runs.jobs ?? 1)
            _ = try comparison.carryOut(plan) { display.show($0) }
        }
    }
}
