/// What a model remembers of what it has read, for B rows in step. A value, made of
/// tensors, numbers and `KeyValueCache`s.
public protocol ModelState {
    /// Shows every tensor and cache to `visitor`, always in the same order. Saving, loading, copying and counting all come
    /// through here, so they cannot disagree. Throws what the visitor throws.
    mutating func visit(_ visitor: StateVisitor) throws
    /// Forgets all but the first `position` of the `length` tokens read. False when the state cannot go back; it is then
    /// unchanged.
    mutating func rewind(to position: Int, from length: Int) -> Bool
}

extension ModelState {
    /// What a state of fixed size can do: nothing.
    public mutating func rewind(to position: Int, from length: Int) -> Bool { false }
}
