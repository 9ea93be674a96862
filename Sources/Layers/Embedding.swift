public import SequenceModel
public import Tensor

/// One vector for each symbol.
public struct Embedding {
    /// [V, D]
    public let weight: Parameter

    /// `weight`: [V, D].
    public init(weight: Parameter) { self.weight = weight }

    /// [B, T] → [B, T, D]
    public func callAsFunction(_ tokens: Tokens) -> Tensor {
        embedding(weight.tensor, indices: tokens.ids, shape: [tokens.rows, tokens.length])
    }
}

extension Parameters {
    /// Declares `name.weight` [symbols, width].
    public func embedding(
        _ name: String, _ symbols: Int, _ width: Int, initialiser: Initialiser = .normal(0.02)
    ) -> Embedding {
        Embedding(weight: scope(name).parameter("weight", shape: [symbols, width], initialiser: initialiser))
    }
}
