internal import SequenceModel
public import Tensor

/// w ⊙ (x − mean) / √(variance + ε) + b over the last axis, the variance with divisor D. Source: Ba et al., arXiv:1607.06450.
public struct LayerNorm {
    /// [D]
    public let weight: Parameter?
    /// [D]
    public let bias: Parameter?
    /// ε
    public let epsilon: Double

    /// `weight` and `bias`: [D]; nil stands for ones and zeros.
    public init(weight: Parameter?, bias: Parameter?, epsilon: Double) {
        self.weight = weight
        self.bias = bias
        self.epsilon = epsilon
    }

    /// [..., D] → [..., D]
    public func callAsFunction(_ x: Tensor) -> Tensor {
        layerNorm(x, weight: weight?.tensor, bias: bias?.tensor, epsilon: epsilon)
    }
}

extension Parameters {
    /// Declares `name.weight` [width], ones, and if `bias` `name.bias` [width], zeros, both without weight decay.
    public func layerNorm(_ name: String, _ width: Int, bias: Bool = true, epsilon: Double = 1e-5) -> LayerNorm {
        let p = scope(name)
        return LayerNorm(
            weight: p.parameter("weight", shape: [width], initialiser: .ones),
            bias: bias ? p.parameter("bias", shape: [width]) : nil, epsilon: epsilon)
    }
}
