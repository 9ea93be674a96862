public import PluginHost
public import SequenceModel

/// Trains a model in memory, one step at a time. Files, logs and budgets are the business of `TrainingRun`.
public final class Trainer {
    /// Trained in place. Its callers may evaluate it between steps.
    public let model: any SequenceModel
    /// Holds parameters and gradients of `model`, which is bound to it. Gradients are those of the last step.
    public let memory: ParameterMemory
    /// Fixed when the trainer was made; `validate` has passed.
    public let options: TrainingOptions
    /// Holds the moments, which a checkpoint reads and writes.
    public let optimizer: AdamW
    /// Gives the batches of each step.
    public let source: any BatchSource
    /// Steps done.
    public private(set) var completedSteps = 0
    /// Time spent in steps, also before a resume.
    public private(set) var trainingSeconds = 0.0

    /// False while the last step is not whole: after a model failed in `postUpdate`. Such a state must not be saved.
    public private(set) var isBetweenSteps = true

    private let targetsInPlace: Bool
    private let schedule: Schedule

    /// `memory` has gradients and is bound to `model`.
    ///
    /// - Throws: `ZooError`: `.data` when the model cannot take the rows or the symbols of the source, `.temporary` without memory for the
    ///   optimizer.
    public init(
        model: any SequenceModel, memory: ParameterMemory, source: any BatchSource, options: TrainingOptions,
        services: any HostServices
    ) throws {
        try options.validate()
        try Trainer.checkFit(model, source, options)
        self.model = model
        self.source = source
        self.memory = memory
        self.options = options
        optimizer = try AdamW(memory: memory, options: options.adamW, services: services)
        targetsInPlace = model.description.capabilities.contains(.targetsInPlace)
        schedule = options.rates
    }

    /// The same on windows of a text. `memory` has gradients and is bound to `model`.
    ///
    /// - Throws: `ZooError`: also `.data` when the train block is shorter than a window.
    public convenience init(
        model: any SequenceModel, memory: ParameterMemory, splits: DataSplits, options: TrainingOptions,
        services: any HostServices
    ) throws {
        try options.validate()
        try self.init(
            model: model, memory: memory, source: TextSource(splits, options: options), options: options, services: services)
    }

    /// Targets learned from so far.
    public var tokens: Int { completedSteps * options.tokensPerStep }

    /// True when the budget is spent.
    public var isFinished: Bool {
        if let planned = options.plannedSteps { return completedSteps >= planned }
        return trainingSeconds >= (options.minutes ?? 0) * 60
    }

    /// Goes on from a saved state; parameters and moments were read into their memory.
    func restore(completedSteps: Int, trainingSeconds: Double) {
        self.completedSteps = completedSteps
        self.trainingSeconds = trainingSeconds
    }

    /// One step: gradients of `accumulate` micro-batches, clipping, update.
    ///
    /// - Throws: `Divergence` before anything was changed; `SequenceModelError` from the model, likewise before, except from `postUpdate`.
    public func step() throws -> StepRecord {
        let begin = ContinuousClock.now
        memory.zeroGradients()
        var loss = 0.0
        for part in 0 ..< options.accumulate {
            loss += try model.lossAndGradient(
                source.batch(step: completedSteps, part: part, targetsInPlace: targetsInPlace))
        }
        guard loss.isFinite else { throw Divergence(step: completedSteps + 1, detail: "the loss is \(loss)") }
        let norm = optimizer.gradientNorm()
        guard norm.isFinite else {
            throw Divergence(
                step: completedSteps + 1,
                detail: "the gradient of \(optimizer.nonFiniteGradient() ?? "the model") is not finite")
        }
        // As in PyTorch's clip_grad_norm_, where the small constant keeps a zero norm harmless.
        let scale = options.clip > 0 ? min(options.clip / (norm + 1e-6), 1) : 1
        let rate = learningRate()
        isBetweenSteps = false
        optimizer.update(step: completedSteps + 1, rate: rate, gradientScale: scale)
        completedSteps += 1
        model.parametersChanged()
        try model.postUpdate(step: completedSteps)
        isBetweenSteps = true
        let seconds = (ContinuousClock.now - begin) / .seconds(1)
        trainingSeconds += seconds
        return StepRecord(
            step: completedSteps, tokens: tokens, loss: loss, gradientNorm: norm, learningRate: rate, seconds: seconds,
            tokensPerSecond: Double(options.tokensPerStep) / max(seconds, 1e-9))
    }

    private func learningRate() -> Double {
        if let planned = options.plannedSteps { return schedule.rate(step: completedSteps, total: planned) }
        return schedule.rate(step: completedSteps, seconds: trainingSeconds, budget: (options.minutes ?? 1) * 60)
    }

    /// Throws `.data` when the model cannot take rows of this length or these symbols.
    private static func checkFit(_ model: any SequenceModel, _ source: any BatchSource, _ options: TrainingOptions) throws {
        let shape = model.shape
        let id = model.description.id
        let isText = source is TextSource
        let length = source.longestRow(targetsInPlace: model.description.capabilities.contains(.targetsInPlace))
        if let limit = shape.maximumTokens, length > limit {
            let what = isText ? "a context of \(options.context)" : source.name
            throw ZooError(
                .data, "\(what) needs rows of \(length) symbols; this configuration of \(id) takes \(limit)",
                hint: "use a \(isText ? "smaller --context" : "shorter length"), or a configuration for longer rows")
        }
        guard shape.alphabet >= source.alphabet else {
            throw ZooError(
                .data,
                "this configuration of \(id) knows \(shape.alphabet) symbols; the data have \(source.alphabet)"
                    + (isText ? " (bytes)" : " (\(source.name))"),
                hint: "set the vocabulary size to \(source.alphabet)")
        }
    }
}
