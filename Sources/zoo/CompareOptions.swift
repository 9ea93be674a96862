import ArgumentParser
import Evaluation
import Experiments
import PluginHost
import Training

/// What all models of a comparison share: sizes, training, measurements.
struct CompareOptions: ParsableArguments {
    @Option(
        help: "Parameters of each model, met within 5 %: 800k, 1M (10^6). Default: 1M.",
        transform: { try SizeArguments.count($0, "--parameters") })
    var parameters = 1_000_000

    @Option(help: "T, bytes predicted in a training window: 256, 1k (1,024). Default: 256.", transform: { try SizeArguments.length($0, "--context") })
    var context = 256

    @Option(help: "B, windows in a training step. Default: 16.", transform: { try SizeArguments.count($0, "--batch") })
    var batch = 16

    @Option(help: "Training steps of each run. Default: 300.", transform: { try SizeArguments.count($0, "--steps") })
    var steps: Int?

    @Option(
        help: "Bytes that each run learns from, in place of --steps: 1.2M. Default: --steps decides.",
        transform: { try SizeArguments.count($0, "--tokens") })
    var tokens: Int?

    @Option(help: "Minutes spent in the training steps of each run, in place of --steps. Such runs cannot be repeated bit for bit. Default: --steps decides.")
    var minutes: Double?

    @Option(help: "How many seeds, or which: 3 is 1, 2 and 3; 1,5,9 and 7, are just those. Default: 1, one seed.", transform: parseSeeds)
    var seeds: [UInt64] = [1]

    @Option(help: "Peak learning rate of every model. Default: 0.001.")
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
            "Before its results, every model tries these values of a training option, in a run of the same budget each; the best on the validation part is taken: learning_rate=0.001,0.003. Repeated for several options: all combinations. Default: nothing is tuned.",
            valueName: "key=value,value"))
    var tune: [String] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Train and test on this generated task instead of text, with lengths of its own: mqar, parity:max_length=20; zoo tasks lists them. May be repeated: every model on each. Default: text.",
            valueName: "name[:key=value,…]"))
    var task: [String] = []

    @Flag(help: "Keep models that --set made larger or smaller than --parameters allows. Default: refuse them.")
    var otherSizes = false

    @Option(
        help: "Contexts in bytes at which decoding is measured: 256,1k, or none. Default: 256,1k,4k,16k.", transform: parseContexts)
    var decodeContexts = [256, 1024, 4096, 16384]

    func validate() throws {
        let given = [steps.map { _ in "--steps" }, tokens.map { _ in "--tokens" }, minutes.map { _ in "--minutes" }]
        let names = given.compactMap(\.self)
        if names.count > 1 {
            throw ValidationError("\(names.joined(separator: " and ")) cannot both be the budget: give one")
        }
        if let minutes, !(minutes > 0 && minutes.isFinite) {
            throw ValidationError("--minutes is \(minutes); expected a number over 0")
        }
        if let learningRate, !(learningRate > 0 && learningRate.isFinite) {
            throw ValidationError("--learning-rate is \(learningRate); expected a number over 0")
        }
    }

    /// What cannot be, before anything is computed from it.
    ///
    /// - Throws: `ZooError` (`.usage`).
    func check() throws {
        var training = TrainingOptions(steps: tokens == nil && minutes == nil ? steps ?? 300 : nil, minutes: minutes)
        training.tokens = tokens
        training.context = context
        training.batch = batch
        try training.validate()
        if let tokens, tokens < batch * context {
            throw ZooError(.usage, "--tokens is \(tokens), less than one step of \(batch) × \(context) tokens")
        }
    }

    /// The request these options stand for.
    func request(threads: Int, dataFiles: [String], split: String) throws -> ComparisonRequest {
        let tasks = try task.map { try TaskSpecification($0) }
        if let twice = Dictionary(grouping: tasks, by: { $0 }).values.first(where: { $0.count > 1 })?.first {
            throw ZooError(.usage, "--task \(twice) is named twice")
        }
        var training = ComparisonRequest.trainingOptions(
            steps: minutes == nil ? tokens.map { $0 / (batch * context) } ?? steps ?? 300 : nil, minutes: minutes,
            context: context, batch: batch)
        training.split = split
        if let learningRate { training.learningRate = learningRate }
        return ComparisonRequest(
            parameters: parameters, training: training, seeds: seeds,
            settings: try settings.map { try SettingOverride($0) },
            tuning: tune.isEmpty ? nil : try TuningGrid(tune), allowsOtherSizes: otherSizes,
            decodeContexts: decodeContexts, threads: threads, dataFiles: dataFiles, tasks: tasks)
    }
}

private func parseSeeds(_ text: String) throws -> [UInt64] {
    guard let seeds = SeedList.parse(text) else {
        throw ValidationError(
            "--seeds is \(text); expected how many (1 to \(SeedList.maximumCount)) or a list without repeats: 3, or 1,5,9"
        )
    }
    return seeds
}

private func parseContexts(_ text: String) throws -> [Int] {
    if text == "none" { return [] }
    let contexts = try text.split(separator: ",", omittingEmptySubsequences: false).map {
        try SizeArguments.length(String($0), "--decode-contexts")
    }
    return Set(contexts).sorted()
}
