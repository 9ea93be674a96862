/// Everything that decides how a model is trained, apart from the model and the data.
///
/// As JSON the names are written with underscores (`learning_rate`); `TrainingOptions+Keys.swift` says what each key takes.
public struct TrainingOptions: Sendable, Equatable, Codable {
    /// The budget: exactly one of the three.
    public var steps: Int?
    /// Targets learned from; the last step is whole.
    public var tokens: Int?
    /// Time spent in training steps; evaluation and checkpoints do not count. Such a run cannot be repeated bit for bit.
    public var minutes: Double?
    /// T, targets in a window.
    public var context = 256
    /// B, windows in a micro-batch.
    public var batch = 16
    /// Micro-batches whose gradients make one step.
    public var accumulate = 1
    public var learningRate = 1e-3
    /// nil: a tenth of `learningRate`.
    public var minimumLearningRate: Double?
    /// nil: a tenth of the steps, at most 100.
    public var warmup: Int?
    public var schedule = Schedule.Shape.cosine
    public var weightDecay = 0.1
    public var beta1 = 0.9
    public var beta2 = 0.95
    public var epsilon = 1e-8
    /// Largest norm of the gradients; 0: no clipping.
    public var clip = 1.0
    /// Decides first values, order of the data and every random choice of the model.
    public var seed: UInt64 = 0
    public var split = SplitRule.default.description
    /// Steps between validations; nil: a tenth of the run, 0: none.
    public var evaluateEvery: Int?
    /// Bytes of the validation block that are looked at, from its beginning.
    public var evaluationBytes = 131_072
    /// Steps between checkpoints; 0: one at the end.
    public var checkpointEvery = 0
    /// Checkpoints that are kept.
    public var keep = 2

    public init(steps: Int? = nil, tokens: Int? = nil, minutes: Double? = nil) {
        self.steps = steps
        self.tokens = tokens
        self.minutes = minutes
    }

    private enum CodingKeys: String, CodingKey {
        case steps, tokens, minutes, context, batch, accumulate, warmup, schedule, beta1, beta2, epsilon, clip, seed, split, keep
        case learningRate = "learning_rate"
        case minimumLearningRate = "min_learning_rate"
        case weightDecay = "weight_decay"
        case evaluateEvery = "evaluate_every"
        case evaluationBytes = "evaluation_bytes"
        case checkpointEvery = "checkpoint_every"
    }

    /// Targets of one step.
    public var tokensPerStep: Int { context * batch * accumulate }

    /// Steps that the budget allows; nil when it is a time.
    public var plannedSteps: Int? {
        if let steps { return steps }
        if let tokens { return (tokens + tokensPerStep - 1) / tokensPerStep }
        return nil
    }

    /// `warmup`, or the default.
    public var warmupSteps: Int { warmup ?? plannedSteps.map { min($0 / 10, 100) } ?? 100 }

    /// `evaluateEvery`, or the default.
    public var evaluationInterval: Int { evaluateEvery ?? plannedSteps.map { max($0 / 10, 1) } ?? 100 }

    public var adamW: AdamWOptions {
        AdamWOptions(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay)
    }

    public var rates: Schedule {
        Schedule(
            shape: schedule, peak: learningRate, minimum: minimumLearningRate ?? learningRate / 10, warmupSteps: warmupSteps)
    }
}
