public import Tensor

extension KeyValueCache: ModelState {
    /// False when the window has dropped keys that would be seen again.
    public mutating func rewind(to position: Int, from length: Int) -> Bool { rewind(to: position) }
}

/// Its state is its cache, which knows the position itself.
extension SelfAttention: Mixer {
    /// `makeCache`.
    public func initialState(rows: Int, scalarType: ScalarType) throws -> KeyValueCache {
        try makeCache(rows: rows, scalarType: scalarType)
    }

    /// The same for at most `KeyValueCache.longestAppend` tokens after those in `state`.
    public func callAsFunction(_ x: Tensor, position: Int, _ state: inout KeyValueCache) throws -> Tensor {
        try self(x, &state)
    }
}
