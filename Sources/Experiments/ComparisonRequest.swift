public import Evaluation
public import Training

/// What the command line asks a comparison to be.
public struct ComparisonRequest: Sendable {
    /// Parameters to be met within 5 %.
    public var parameters: Int
    /// Budget, context, batch, split and everything else about training that all models share; seed and `settings` go on top.
    public var training: TrainingOptions
    /// One run of every model for each; the tuning runs' seed is the largest plus 1.
    public var seeds: [UInt64]
    /// In the order of the command line: of two for the same model and key the later one counts, whether or not it names the model.
    public var settings: [SettingOverride]
    /// Training options that every model tries before its results; nil: none.
    public var tuning: TuningGrid?
    /// What the models are sized to in place of `parameters`, which is then where the search begins; nil: parameters.
    public var match: MatchTarget?
    /// What an earlier call with the same `match` found for the models of this comparison, by id.
    public var earlierMatches: [String: MatchFigure] = [:]
    /// Values of keys under which the trained models are evaluated again.
    public var variants: [VariantAxis] = []
    /// Keep models whose size is off the budget by more than 5 %, because `--set` changed it.
    public var allowsOtherSizes: Bool
    /// Tokens after which decoding is timed; runs of a tuning grid time none.
    public var decodeContexts: [Int]
    /// Of each run; goes into its hash, since speeds depend on it.
    public var threads: Int
    /// Absolute paths; empty for the built-in corpus.
    public var dataFiles: [String]
    /// Every model is trained and tested on each of these instead of on text; empty: text.
    public var tasks: [TaskSpecification]
    /// Figures of papers that the results are to give again.
    public var published: [PublishedFigure] = []

    /// Nothing is checked here.
    public init(
        parameters: Int, training: TrainingOptions, seeds: [UInt64], settings: [SettingOverride] = [],
        tuning: TuningGrid? = nil, allowsOtherSizes: Bool = false, decodeContexts: [Int], threads: Int, dataFiles: [String],
        tasks: [TaskSpecification] = []
    ) {
        self.parameters = parameters
        self.training = training
        self.seeds = seeds
        self.settings = settings
        self.tuning = tuning
        self.allowsOtherSizes = allowsOtherSizes
        self.decodeContexts = decodeContexts
        self.threads = threads
        self.dataFiles = dataFiles
        self.tasks = tasks
    }

    /// Training as a comparison does it: twenty points on the learning curve, from validations that together cost about a tenth of training
    /// (and look at 16,384 bytes or a window each at most), and a checkpoint after each fifth, so that a killed run loses little.
    ///
    /// - Parameters:
    ///   - steps: planned steps; nil where `minutes` is the budget.
    ///   - context: T, targets in a window.
    ///   - batch: B, windows in a step.
    public static func trainingOptions(steps: Int?, minutes: Double?, context: Int, batch: Int) -> TrainingOptions {
        var options = TrainingOptions(steps: steps, minutes: minutes)
        options.context = context
        options.batch = batch
        options.keep = 1
        if let steps {
            options.evaluateEvery = max(steps / 20, 1)
            options.checkpointEvery = max(steps / 5, 1)
        } else {
            options.checkpointEvery = 100
        }
        options.evaluationBytes = max(min(options.evaluationSize, 16_384), context)
        return options
    }
}
