public import Tensor

/// What a layer remembers that sees one token back.
public struct ShiftState: ModelState {
    /// The last token it saw, [B, 1, D].
    public var previous: Tensor

    /// Nothing was read.
    public init(rows: Int, width: Int, _ type: ScalarType) { previous = .zeros([rows, 1, width], type) }

    /// As `ModelState`: every part, always in the same order.
    public mutating func visit(_ visitor: StateVisitor) throws { try visitor.visit(&previous) }
}

/// The last of [B, T, D] for the next call: [B, 1, D], in memory of its own where x is longer.
func lastToken(_ x: Tensor) -> Tensor {
    let tokens = x.shape[1]
    guard tokens > 1 else { return x.stopGradient() }
    return x.stopGradient().sliced(axis: 1, tokens - 1 ..< tokens) + 0  // not to keep all of x alive
}
