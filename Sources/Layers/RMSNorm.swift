internal import SequenceModel
public import Tensor

/// w ⊙ x / √(mean(x²) + ε) over the last axis. Source: Zhang and Sennrich, arXiv:1910.07467.
public struct RMSNorm {
    /// [D]; nil: no weight.
    public let weight: Parameter?
    /// ε
    public let epsilon: Double

    /// `weight`: [D]; nil stands for ones.
    public init(weight: Parameter?, epsilon: Double) {
        self.weight = weight
        self.epsilon = epsilon
    }

    /// [..., D] → [..., D]
    public func callAsFunction(_ x: Tensor) -> Tensor { rmsNorm(x, weight: weight?.tensor, epsilon: epsilon) }
}

extension Parameters {
    /// Declares `name.weight` [width], ones, without weight decay.
    public func rmsNorm(_ name: String, _ width: Int, epsilon: Double = 1e-6) -> RMSNorm {
        RMSNorm(weight: scope(name).parameter("weight", shape: [width], initialiser: .ones), epsilon: epsilon)
    }
}
