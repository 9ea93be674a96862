/// What a network that learns while it reads has learned, for B sequences and H heads, each a row of M numbers.
public struct FastWeightsState {
    /// W [B, H, M]
    public var weights: Tensor
    /// S [B, H, M]: for test-time training the sum of what the present chunk has collected.
    public var momentum: Tensor
    /// The weights [B, H, M] that the present chunk began with, where they are not `weights`: for Titans.
    public var origin: Tensor?

    /// Nothing was read.
    ///
    /// - Parameters:
    ///   - initial: [H, M], the weights that every text begins with.
    ///   - hasOrigin: whether the rule is that of Titans, which needs the weights of the chunk's start beside the present ones.
    public init(initial: Tensor, rows: Int, hasOrigin: Bool) {
        let (heads, count) = (initial.shape[0], initial.shape[1])
        // Memory of its own: the parameters may change, or go, while a session lives.
        weights = initial.stopGradient().reshaped([1, heads, count]).broadcast(to: [rows, heads, count]).copied()
        momentum = .zeros([rows, heads, count], initial.scalarType)
        origin = hasOrigin ? weights : nil
    }
}
