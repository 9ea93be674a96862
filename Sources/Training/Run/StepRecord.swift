/// What one training step was like.
public struct StepRecord: Sendable, Equatable {
    /// Steps done, this one included.
    public var step: Int
    /// Targets learned from so far.
    public var tokens: Int
    /// Mean nats of a target before the update (of a bound: its estimate).
    public var loss: Double
    /// Norm of all gradients before clipping.
    public var gradientNorm: Double
    /// Rate of this step, before each parameter's own factor.
    public var learningRate: Double
    /// Time spent in this step.
    public var seconds: Double
    /// Targets of the step over its `seconds`.
    public var tokensPerSecond: Double
}
