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
    /// Peak of the schedule, over 0; before each parameter's own factor.
    public var learningRate = 1e-3
    /// nil: a tenth of `learningRate`.
    public var minimumLearningRate: Double?
    /// nil: a tenth of the steps, at most 100.
    public var warmup: Int?
    /// How the rate falls after the warm-up.
    public var schedule = Schedule.Shape.cosine
    /// λ of AdamW, from 0 on; see `AdamWOptions`.
    public var weightDecay = 0.1
    /// β₁ of AdamW, 0 ..< 1.
    public var beta1 = 0.9
    /// β₂ of AdamW, 0 ..< 1.
    public var beta2 = 0.95
    /// ε of AdamW, over 0.
    public var epsilon = 1e-8
    /// Largest norm of the gradients; 0: no clipping.
    public var clip = 1.0
    /// Decides first values, order of the data and every random choice of the model.
    public var seed: UInt64 = 0
    /// What `SplitRule` reads: "90/5/5".
    public var split = SplitRule.default.description
    /// Steps between validations; nil: ten in a run, fewer in one that is short (`evaluationInterval`); 0: none.
    public var evaluateEvery: Int?
    /// Bytes of the validation block that are looked at, from its beginning; nil: so many that all validations cost about a tenth
    /// of training (`evaluationSize`).
    public var evaluationBytes: Int?
    /// Steps between checkpoints; nil: about ten in a run (`checkpointInterval`); 0: one at the end.
    public var checkpointEvery: Int?
    /// Checkpoints that are kept.
    public var keep = 2

    /// Defaults for all but the budget. Nothing is checked before `validate`.
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

    /// Steps between validations: `evaluateEvery`, or the default: a tenth of the run, more where a tenth of training's cost does not buy
    /// ten validations that are worth looking at; 100 where the budget is a time. 0: none.
    public var evaluationInterval: Int {
        if let evaluateEvery { return evaluateEvery }
        guard let plannedSteps else { return 100 }
        guard evaluationBytes == nil else { return max(plannedSteps / 10, 1) }
        let count = max(1, min(10, evaluationAllowance(steps: plannedSteps) / 16_384))
        return max(plannedSteps / count, 1)
    }

    /// Bytes that one validation looks at, at least a window: `evaluationBytes`, or at most 131,072 and so few that all validations of
    /// the run, `evaluationInterval` apart, cost about a tenth of its training. Follows from counts alone, so that a run can be repeated.
    public var evaluationSize: Int {
        if let evaluationBytes { return evaluationBytes }
        let interval = evaluationInterval
        guard interval > 0 else { return context }
        let steps = plannedSteps ?? interval
        let count = max((steps + interval - 1) / interval, 1)
        return max(min(evaluationAllowance(steps: steps) / count, 131_072), context)
    }

    /// Bytes whose validation costs a tenth of so many steps of training: gradients take twice as long as the loss alone.
    private func evaluationAllowance(steps: Int) -> Int { Int(0.3 * Double(steps) * Double(tokensPerStep)) }

    /// Steps between checkpoints: `checkpointEvery`, or the default: a tenth of the run, but at least 20 and at most 1,000 steps; 100
    /// where the budget is a time. 0: one at the end.
    public var checkpointInterval: Int {
        checkpointEvery ?? plannedSteps.map { min(max($0 / 10, 20), 1000) } ?? 100
    }

    /// Constants of the optimizer, without the learning rate.
    public var adamW: AdamWOptions {
        AdamWOptions(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay)
    }

    /// Rates of the run, the defaults of minimum and warm-up filled in. Where the budget is a time, `Trainer` asks it by the share of
    /// that time.
    public var rates: Schedule {
        Schedule(
            shape: schedule, peak: learningRate, minimum: minimumLearningRate ?? learningRate / 10, warmupSteps: warmupSteps)
    }
}
