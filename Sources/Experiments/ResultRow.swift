/// One run of a comparison: what was trained, how it ended and what the host measured.
///
/// Figures that were not reached, because the run failed or the model cannot do it, are nil (`null` in JSON) or empty.
public struct ResultRow: Codable, Sendable, Equatable {
    /// Model id.
    public var model: String
    /// For people.
    public var name: String
    /// "transformer", "state-space", …, as the plugin says.
    public var family: String
    /// SHA-256 of the plugin file, in hexadecimal digits.
    public var pluginSHA256: String
    /// The full configuration of the model.
    public var config: ConfigurationJSON
    /// One sentence: how the parameters got their first values.
    public var initialisation: String
    /// One sentence: what the parameters ask of the optimizer (`ParameterSummary.optimizer`); empty where it is not known.
    public var optimizer = ""
    /// Of first values, windows and every random choice.
    public var seed: UInt64
    /// Counted by the host over the declared tensors; nil when the plugin gave no configuration.
    public var parameters: Int?
    /// Tokens that the model was trained on.
    public var trainTokens: Int
    /// Peak learning rate.
    public var learningRate: Double
    /// `TrainingOptions` as JSON, what tuning chose included; nil in results from before they were kept.
    public var training: ConfigurationJSON?
    /// The command that makes this run again, alone (`JobSpecification.command`); nil as above, and where the model was never sized.
    public var command: String?
    /// How it ended. Figures that were measured before a bad end stay.
    public var status: RunStatus
    /// Why the run failed, with the last line of its log; empty when all went well.
    public var detail: String
    /// On the test split.
    public var bitsPerByte: Double?
    /// What `bitsPerByte` is.
    public var likelihood: LikelihoodKind
    /// Standard error of the estimate of a bound; nil when the likelihood is exact.
    public var bitsPerByteStandardError: Double?
    /// Targets a second in the median training step; the first is left out where there are others.
    public var trainTokensPerSecond: Double?
    /// One figure for each context that was asked for, as far as the run came.
    public var decode: [DecodeFigure]
    /// Peak resident memory of the training process, read after the last training step.
    public var peakMemoryBytes: Int?
    /// Seconds of training, checkpoints left out.
    public var seconds: Double?
    /// Logged losses over training as bits per byte: each validation, or 160 means of training losses at most.
    public var curve: [CurvePoint]
    /// What the curve was measured on: `validation` or `train`.
    public var curveSplit: String
    /// Seconds of training at each point of the curve.
    public var curveSeconds: [Double]
    /// At most one, for models that can write.
    public var samples: [GeneratedSample]
    /// What the model's probes found on the test split, by name.
    public var probes: [String: ProbeFigure]
    /// How many runs were allowed to be at work at once on the machine: speeds, times and memory were measured beside others. nil: it was alone.
    public var concurrentRuns: Int?
    /// What came out on a task; nil for a run on text, whose bits per byte are above.
    public var task: TaskResult?
    /// What the same weights are worth under other settings; empty where none were asked for.
    public var variants: [VariantFigure] = []
    /// How near the size came to what is matched; nil where parameters are.
    public var matched: MatchFigure?

    /// A row without figures, its status `ok`.
    public init(
        model: String, name: String, family: String, pluginSHA256: String, config: ConfigurationJSON,
        initialisation: String = "", seed: UInt64, parameters: Int?, learningRate: Double, likelihood: LikelihoodKind
    ) {
        self.model = model
        self.name = name
        self.family = family
        self.pluginSHA256 = pluginSHA256
        self.config = config
        self.initialisation = initialisation
        self.seed = seed
        self.parameters = parameters
        self.trainTokens = 0
        self.learningRate = learningRate
        self.status = .ok
        self.detail = ""
        self.likelihood = likelihood
        self.decode = []
        self.curve = []
        self.curveSplit = "train"
        self.curveSeconds = []
        self.samples = []
        self.probes = [:]
    }

    enum CodingKeys: String, CodingKey {
        case model, name, family
        case pluginSHA256 = "plugin_sha256"
        case config, initialisation, optimizer, seed, parameters
        case trainTokens = "train_tokens"
        case learningRate = "learning_rate"
        case training, command
        case status, detail
        case bitsPerByte = "bits_per_byte"
        case likelihood
        case bitsPerByteStandardError = "bits_per_byte_stderr"
        case trainTokensPerSecond = "train_tokens_per_second"
        case decode
        case peakMemoryBytes = "peak_memory_bytes"
        case seconds, curve
        case curveSplit = "curve_split"
        case curveSeconds = "curve_seconds"
        case samples, probes, task, variants, matched
        case concurrentRuns = "concurrent_runs"
    }
}
