public import SequenceModel
public import Tensor

/// y = x Wᵀ + b, with W [E, D] as PyTorch stores it.
public struct Linear {
    /// [E, D]
    public let weight: Parameter
    /// [E]
    public let bias: Parameter?

    /// For weights that were declared elsewhere, such as shared ones; `Parameters.linear` declares its own.
    public init(weight: Parameter, bias: Parameter? = nil) {
        self.weight = weight
        self.bias = bias
    }

    /// D
    public var inputs: Int { weight.shape[1] }
    /// E
    public var outputs: Int { weight.shape[0] }

    /// [..., D] → [..., E]
    public func callAsFunction(_ x: Tensor) -> Tensor { linear(x, weight: weight.tensor, bias: bias?.tensor) }
}

extension Parameters {
    /// Declares `name.weight` [outputs, inputs] and, if `bias`, `name.bias` [outputs] (zeros).
    ///
    /// - Parameter initialiser: nil: uniform in ±1/√inputs, PyTorch's default.
    public func linear(
        _ name: String, _ inputs: Int, _ outputs: Int, bias: Bool = false, initialiser: Initialiser? = nil,
        biasInitialiser: Initialiser = .zeros
    ) -> Linear {
        let p = scope(name)
        return Linear(
            weight: p.parameter(
                "weight", shape: [outputs, inputs], initialiser: initialiser ?? .kaimingUniform(fanIn: inputs)),
            bias: bias ? p.parameter("bias", shape: [outputs], initialiser: biasInitialiser) : nil)
    }

    /// A head whose weight is that of `embedding`; declares `name.weight` as tied.
    public func tiedLinear(_ name: String, to embedding: Embedding) -> Linear {
        Linear(weight: scope(name).tied("weight", to: embedding.weight))
    }
}
