/// Constants of `AdamW`.
public struct AdamWOptions: Sendable, Equatable {
    /// β₁, decay of the first moment, 0 ..< 1.
    public var beta1: Double
    /// β₂, decay of the second moment, 0 ..< 1.
    public var beta2: Double
    /// ε, added to the root of the corrected second moment; over 0.
    public var epsilon: Double
    /// λ, multiplied by the learning rate of the step; for parameters that declare decay, 0 for all others.
    public var weightDecay: Double

    /// Takes the values as they are; `TrainingOptions.validate` is where ranges are checked.
    public init(beta1: Double = 0.9, beta2: Double = 0.95, epsilon: Double = 1e-8, weightDecay: Double = 0.1) {
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
    }
}
