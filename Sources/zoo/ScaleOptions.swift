import ArgumentParser
import Experiments
import Foundation
import PluginHost
import Training

/// The grid of a scaling study and what all of its runs share.
struct ScaleOptions: ParsableArguments {
    @Option(
        help: "Parameters of the models, met within 5 %: 100k,300k,1M. Default: 100k,300k,1M.",
        transform: { try ScaleOptions.counts($0, "--sizes") })
    var sizes = [100_000, 300_000, 1_000_000]

    @Option(
        help: "Bytes that the runs of each size learn from: 1M,3M,10M. Default: 300k,1M,3M, unless there is --operations.",
        transform: { try ScaleOptions.counts($0, "--tokens") })
    var tokens: [Int]?

    @Option(
        help: "In place of --tokens, budgets of 6 × parameters × bytes that every size is trained for: 1e12,1e13. Default: --tokens decides.",
        transform: ScaleOptions.budgets)
    var operations: [Double] = []

    @OptionGroup var shared: SharedTrainingOptions

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "At every size and token count, each model tries these values of a training option before its results, in a run of the same budget each: learning_rate=0.001,0.003. The best rate depends on both, so without this a law mixes scale with luck. Default: nothing is tuned.",
            valueName: "key=value,value"))
    var tune: [String] = []

    func validate() throws {
        if tokens != nil, !operations.isEmpty { throw ValidationError("--tokens and --operations cannot both be the budget: give one") }
    }

    /// The grid, checked against what a step is.
    func grid() throws -> ScalingGrid {
        try ScalingGrid(
            sizes: sizes, tokens: tokens ?? (operations.isEmpty ? [300_000, 1_000_000, 3_000_000] : []), operations: operations,
            context: shared.context, batch: shared.batch)
    }

    /// The comparison of one configuration.
    func request(_ cell: ScalingGrid.Cell, threads: Int, dataFiles: [String], split: String) throws -> ComparisonRequest {
        var training = ComparisonRequest.trainingOptions(steps: cell.steps, minutes: nil, context: shared.context, batch: shared.batch)
        training.split = split
        if let learningRate = shared.learningRate { training.learningRate = learningRate }
        try training.validate()
        return ComparisonRequest(
            parameters: cell.size, training: training, seeds: shared.seeds, settings: try shared.settings.map { try SettingOverride($0) },
            tuning: tune.isEmpty ? nil : try TuningGrid(tune), decodeContexts: [], threads: threads, dataFiles: dataFiles)
    }

    private static func counts(_ text: String, _ option: String) throws -> [Int] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map { try SizeArguments.count(String($0), option) }
    }

    private static func budgets(_ text: String) throws -> [Double] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            guard let value = Double(part), value >= 1, value < 1e30 else {
                throw ValidationError("--operations is \(text); expected numbers from 1 to 10^30 between commas, such as 1e12,1e13")
            }
            return value
        }
    }
}
