import Tensor

/// Keys and values of the context in one layer, for one step of the descent.
struct ContextMemory {
    /// [B, S, H, K], or [B, H, S, K] as a cache keeps them.
    let keys: Tensor
    let values: Tensor
    let isByHead: Bool

    /// Rows `rows` of both.
    func rows(_ rows: Range<Int>) -> ContextMemory {
        ContextMemory(keys: keys.sliced(axis: 0, rows), values: values.sliced(axis: 0, rows), isByHead: isByHead)
    }

    /// Candidates q [B, T, H, K] over the context and their own keys and values: [B, T, H, K].
    func attend(_ q: Tensor, ownKey: Tensor, ownValue: Tensor, visible: Int, scale: Double) -> Tensor {
        guard isByHead else {
            return candidateAttention(
                q, ownKey: ownKey, ownValue: ownValue, keys: keys, values: values, visible: visible, scale: scale)
        }
        // Each head as a sequence of its own: the cache is read where it lies.
        let (rows, tokens, heads, width) = (q.shape[0], q.shape[1], q.shape[2], q.shape[3])
        func apart(_ x: Tensor) -> Tensor { x.transposed([0, 2, 1, 3]).reshaped([rows * heads, tokens, 1, width]) }
        func place(_ x: Tensor) -> Tensor { x.reshaped([rows * heads, x.shape[2], 1, width]) }
        let mixed = candidateAttention(
            apart(q), ownKey: apart(ownKey), ownValue: apart(ownValue), keys: place(keys), values: place(values),
            visible: visible, scale: scale)
        return mixed.reshaped([rows, heads, tokens, width]).transposed([0, 2, 1, 3])
    }
}
