extension Reference {
    /// See the function `deltaRule`: token by token.
    public static func deltaRule(
        _ q: Tensor, _ k: Tensor, _ v: Tensor, beta: Tensor, logDecay: Tensor? = nil, scale: Double
    ) -> Tensor {
        let (batch, tokens, keyHeads, keyWidth) = (q.shape[0], q.shape[1], q.shape[2], q.shape[3])
        let (heads, valueWidth) = (v.shape[2], v.shape[3])
        let shared = heads / keyHeads
        var state = Tensor.zeros([batch, heads, keyWidth, valueWidth], q.scalarType)
        var outputs: [Tensor] = []
        /// Token t of a query or key for every head, as a column: [B, H, K, 1].
        func column(_ x: Tensor, _ t: Int) -> Tensor {
            x.sliced(axis: 1, t..<t + 1).reshaped([batch, keyHeads, 1, keyWidth])
                .broadcast(to: [batch, keyHeads, shared, keyWidth]).reshaped([batch, heads, keyWidth, 1])
        }
        for t in 0..<tokens {
            let (query, key) = (column(q, t), column(k, t))
            let value = v.sliced(axis: 1, t..<t + 1).reshaped([batch, heads, 1, valueWidth])
            if let logDecay {
                state = state * logDecay.sliced(axis: 1, t..<t + 1).reshaped([batch, heads, 1, 1]).exp()
            }
            let error = value - matmul(key, state, transposeA: true)  // [B, H, 1, V]
            let rate = beta.sliced(axis: 1, t..<t + 1).reshaped([batch, heads, 1, 1])
            state = state + matmul(key, rate * error)  // [B, H, K, V]
            outputs.append(matmul(query, state, transposeA: true).reshaped([batch, 1, heads, valueWidth]) * scale)
        }
        return concatenate(outputs, axis: 1)
    }
}
