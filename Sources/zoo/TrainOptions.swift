import ArgumentParser
import Experiments
import PluginHost
import SequenceModel
import Training

/// How `zoo train` trains: every option here is a key of `TrainingOptions`, named as on the command line.
struct TrainOptions: ParsableArguments {
    @Option(help: "T, bytes predicted in a window: 256, 1k (1,024). Default: 256.", transform: { try SizeArguments.length($0, "--context") })
    var context: Int?

    @Option(help: "B, windows in a micro-batch. Default: 16.", transform: { try SizeArguments.count($0, "--batch") })
    var batch: Int?

    @Option(help: "Micro-batches whose gradients make one step. Default: 1.", transform: { try SizeArguments.count($0, "--accumulate") })
    var accumulate: Int?

    @Option(help: "Steps of training. Default: 1000.", transform: { try SizeArguments.count($0, "--steps") })
    var steps: Int?

    @Option(help: "Bytes to learn from, in place of --steps: 1.2M; the last step is whole. Default: --steps decides.", transform: { try SizeArguments.count($0, "--tokens") })
    var tokens: Int?

    @Option(help: "Minutes spent in training steps, in place of --steps. Such a run cannot be repeated bit for bit. Default: --steps decides.")
    var minutes: Double?

    @Option(help: "Peak learning rate. Default: 0.001.")
    var learningRate: Double?

    @Option(help: "Learning rate at the end. Default: a tenth of --learning-rate.")
    var minLearningRate: Double?

    @Option(help: "Steps of linear warm-up. Default: a tenth of the steps, at most 100; 100 with --minutes.")
    var warmup: Int?

    @Option(help: "Fall of the learning rate after the warm-up: cosine, linear or constant. Default: cosine.")
    var schedule: String?

    @Option(help: "Decoupled weight decay of AdamW, where a parameter wants it. Default: 0.1.")
    var weightDecay: Double?

    @Option(help: "AdamW: how much of the mean of the gradients stays from step to step. Default: 0.9.")
    var beta1: Double?

    @Option(help: "AdamW: the same for the mean of their squares. Default: 0.95.")
    var beta2: Double?

    @Option(help: "Largest norm of all gradients together; 0 is no clipping. Default: 1.")
    var clip: Double?

    @Option(help: "Decides first values, the order of the data and every random choice of the model. Default: 0.")
    var seed: UInt64?

    @Option(help: "Train, validation and test as parts of the data, in contiguous blocks. Default: 90/5/5 (train/validation/test).")
    var split: String?

    @Option(help: "Steps between validations; 0 is never. Default: a tenth of the run, more in a short one. How much text each looks at follows: all together cost about a tenth of training.")
    var evaluateEvery: Int?

    @Option(help: "Steps between checkpoints, besides the one at the end; 0 is only that. Default: a tenth of the run, but from 20 to 1000 steps, and one after 5 minutes without.")
    var checkpointEvery: Int?

    @Option(help: "Checkpoints that are kept, the last ones. Default: 2.")
    var keep: Int?

    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: ArgumentHelp(
            "Set a key of the configuration (num_hidden_layers=4) or of training (epsilon=1e-6). May be repeated. Default: what the model proposes.", valueName: "key=value"))
    var settings: [String] = []

    /// Training options, and the settings that are not among them: keys of the model's configuration.
    ///
    /// - Throws: `ZooError(.usage)` that names what is not allowed.
    func resolve() throws -> (training: TrainingOptions, configuration: JSONObject) {
        var options = TrainingOptions()
        func set(_ key: String, _ value: JSONValue?) throws {
            if let value { try options.set(key, to: value) }
        }
        func whole(_ value: Int?) -> JSONValue? { value.map { .integer(Int64($0)) } }
        func real(_ value: Double?) -> JSONValue? { value.map { .number($0) } }
        try set("context", whole(context))
        try set("batch", whole(batch))
        try set("accumulate", whole(accumulate))
        try set("steps", whole(steps))
        try set("tokens", whole(tokens))
        try set("minutes", real(minutes))
        try set("learning_rate", real(learningRate))
        try set("min_learning_rate", real(minLearningRate))
        try set("warmup", whole(warmup))
        try set("schedule", schedule.map { .string($0) })
        try set("weight_decay", real(weightDecay))
        try set("beta1", real(beta1))
        try set("beta2", real(beta2))
        try set("clip", real(clip))
        try set("split", split.map { .string($0) })
        try set("evaluate_every", whole(evaluateEvery))
        try set("checkpoint_every", whole(checkpointEvery))
        try set("keep", whole(keep))
        if let seed { options.seed = seed }
        var configuration = JSONObject()
        for text in settings {
            let setting = try SettingOverride(text)
            // A nested key of the configuration has a point as well: only training options are taken apart.
            if setting.model == nil, TrainingOptions.keyNames.contains(setting.key) {
                try options.set(setting.key, to: setting.value)
            } else {
                configuration[setting.name] = setting.value
            }
        }
        if options.steps == nil, options.tokens == nil, options.minutes == nil { options.steps = 1000 }
        try options.validate()
        return (options, configuration)
    }
}
