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

    @Option(help: "T, bytes predicted in a training window: 256, 1k (1,024). Default: 256.", transform: { try SizeArguments.length($0, "--context") })
    var context = 256

    @Option(help: "B, windows in a training step. Default: 16.", transform: { try SizeArguments.count($0, "--batch") })
    var batch = 16

    @Option(
        help: "How many seeds, or which: 3 is 1, 2 and 3; 1,5,9 and 7, are just those. Default: 1, one seed.",
        transform: ScaleOptions.seeds)
    var seeds: [UInt64] = [1]

    @Option(help: "Peak learning rate of every run. Default: 0.001.")
    var learningRate: Double?

    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: ArgumentHelp(
            "Set a training option or a key of the configuration, of one model or of all that have it: mamba.learning_rate=0.003. May be repeated. Default: the same training for all, configurations as the models propose them.",
            valueName: "[model.]key=value"))
    var settings: [String] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "At every size and token count, each model tries these values of a training option before its results, in a run of the same budget each: learning_rate=0.001,0.003. The best rate depends on both, so without this a law mixes scale with luck. Default: nothing is tuned.",
            valueName: "key=value,value"))
    var tune: [String] = []

    func validate() throws {
        if tokens != nil, !operations.isEmpty { throw ValidationError("--tokens and --operations cannot both be the budget: give one") }
        if let learningRate, !(learningRate > 0 && learningRate.isFinite) {
            throw ValidationError("--learning-rate is \(learningRate); expected a number over 0")
        }
    }

    /// The grid, checked against what a step is.
    func grid() throws -> ScalingGrid {
        try ScalingGrid(
            sizes: sizes, tokens: tokens ?? (operations.isEmpty ? [300_000, 1_000_000, 3_000_000] : []), operations: operations,
            context: context, batch: batch)
    }

    /// The comparison of one configuration.
    func request(_ cell: ScalingGrid.Cell, threads: Int, dataFiles: [String], split: String) throws -> ComparisonRequest {
        var training = ComparisonRequest.trainingOptions(steps: cell.steps, minutes: nil, context: context, batch: batch)
        training.split = split
        if let learningRate { training.learningRate = learningRate }
        try training.validate()
        return ComparisonRequest(
            parameters: cell.size, training: training, seeds: seeds, settings: try settings.map { try SettingOverride($0) },
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

    private static func seeds(_ text: String) throws -> [UInt64] {
        guard let seeds = SeedList.parse(text) else {
            throw ValidationError(
                "--seeds is \(text); expected how many (1 to \(SeedList.maximumCount)) or a list without repeats: 3, or 1,5,9")
        }
        return seeds
    }
}
