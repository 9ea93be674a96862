public import Layers
public import SequenceModel
public import Tensor

/// A next-symbol model in two parts, so that logits exist only where a target asks for them: what most architectures are.
///
///     final class Minimal: CausalModel {
///         static let card = ModelCard(id: "minimal", …)
///         let head: Linear
///         init(_ c: MinimalConfiguration, _ p: Parameters) throws { … }
///         func trunk(_ tokens: Tokens) throws -> Tensor { … }
///     }
public protocol CausalModel: NextSymbolModel {
    /// D → V
    var head: Linear { get }
    /// [B, T] → [B, T, D]: row t depends on symbols 0 ... t alone. Should call `checkCancellation` between layers.
    func trunk(_ tokens: Tokens) throws -> Tensor
    /// Rows of the trunk [..., D] → logits [..., V]: the head alone, unless a model puts something behind it. A model that overrides it
    /// overrides `crossEntropy` too.
    func logits(ofTrunk x: Tensor) -> Tensor
}

extension CausalModel {
    /// V is the head's width, and all of its symbols may occur.
    public var shape: ModelShape { ModelShape(vocabulary: head.outputs, alphabet: head.outputs) }

    /// The head.
    public func logits(ofTrunk x: Tensor) -> Tensor { head(x) }

    /// The head on all rows of the trunk: [B, T, V].
    public func logits(_ tokens: Tokens) throws -> Tensor { logits(ofTrunk: try trunk(tokens)) }

    /// The head on the last rows alone: [B, T − position, V].
    public func logits(_ tokens: Tokens, from position: Int) throws -> Tensor {
        logits(ofTrunk: try trunk(tokens).sliced(axis: 1, position ..< tokens.length))  // [B, T − position, V]
    }

    /// The head on the chosen rows alone: [R, V].
    public func logits(_ tokens: Tokens, rows: [Int32]) throws -> Tensor {
        logits(ofTrunk: try hidden(tokens, rows: rows))
    }

    /// Head and loss in one: see `linearCrossEntropy`. No logits are kept.
    public func crossEntropy(
        _ tokens: Tokens, rows: [Int32], targets: [Int32], weights: [Double]?
    ) throws -> (sum: Tensor, nats: [Double]) {
        let x = try hidden(tokens, rows: rows)
        try checkCancellation()
        let alphabet = shape.alphabet
        let isWhole = alphabet == head.outputs
        let weight = isWhole ? head.weight.tensor : head.weight.tensor.sliced(axis: 0, 0 ..< alphabet)
        let bias = isWhole ? head.bias?.tensor : head.bias?.tensor.sliced(axis: 0, 0 ..< alphabet)
        return linearCrossEntropy(x, weight: weight, bias: bias, targets: targets, weights: weights)
    }

    /// Rows `rows` of the trunk's output: [R, D].
    private func hidden(_ tokens: Tokens, rows: [Int32]) throws -> Tensor {
        let x = try trunk(tokens).reshaped([tokens.count, head.inputs])  // [B · T, D]
        return rows.count == tokens.count ? x : x.gatherRows(rows)
    }
}
