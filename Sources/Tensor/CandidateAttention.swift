/// Attention of candidates for the next token: each sees the context up to its place and itself, never another candidate
/// (Energy-Based Transformers, arXiv:2507.02092). Candidate t sees keys 0 ..< `visible` + t and its own key.
///
/// No T × S buffer, also not on the way back: blocks of 32 candidates at a time, probabilities are recomputed. The derivative with
/// respect to the candidate's own three tensors can itself be derived at the same price; those of higher order, and with respect
/// to the context with a graph, go through the reference.
/// - Parameters:
///   - q: [B, T, H, K]
///   - ownKey: [B, T, H, K]; `ownValue`: the same shape.
///   - keys: [B, S, H, K]; `values`: the same shape. Visible + T − 1 of the S are used, at most all.
///   - scale: usually 1 / √K.
/// - Returns: [B, T, H, K]
/// - Complexity: 4 K operations for each visible pair and head; the derivative takes 1.5 times as many, its derivative 4 times.
public func candidateAttention(
    _ q: Tensor, ownKey: Tensor, ownValue: Tensor, keys: Tensor, values: Tensor, visible: Int, scale: Double
) -> Tensor {
    precondition(
        q.rank == 4 && ownKey.shape == q.shape && ownValue.shape == q.shape && keys.rank == 4 && values.shape == keys.shape
            && keys.shape[0] == q.shape[0] && keys.shape[2] == q.shape[2] && keys.shape[3] == q.shape[3]
            && visible >= 0 && visible + q.shape[1] - 1 <= keys.shape[1],
        "candidate attention of q \(q.shape), own keys \(ownKey.shape), keys \(keys.shape), visible \(visible)")
    let heads = CandidateHeads(
        q: q, ownKey: ownKey, ownValue: ownValue, keys: keys, values: values, visible: visible, scale: scale)
    let inputs = [q, ownKey, ownValue, keys, values]
    return heads.output().recorded(from: inputs) { dy, into in
        if into.createsGraph, into.wants(3) || into.wants(4) {
            let own = inputs.map { $0.identity() }  // vertices of this derivation alone
            let wanted = inputs.indices.filter(into.wants)
            let results = gradients(
                of: heads.reference(own), withRespectTo: wanted.map { own[$0] }, seed: dy, createGraph: true)
            for (index, gradient) in zip(wanted, results) { into.add(index, gradient) }
            return
        }
        let context = into.wants(3) || into.wants(4) ? [Tensor.zeros(keys.shape, q.scalarType), .zeros(keys.shape, q.scalarType)] : []
        let slopes = candidateSlopes(dy, heads, addingTo: context)  // [3, B, T, H, K]
        for index in 0..<3 { into.add(index, slopes.sliced(axis: 0, index..<index + 1).reshaped(q.shape)) }
        for (index, slope) in context.enumerated() { into.add(3 + index, slope) }
    }
}

/// The derivatives with respect to q, own keys and own values, one behind the other: [3, B, T, H, K].
///
/// - Parameter context: where those of keys and values are added to; empty: nobody asks.
private func candidateSlopes(_ dy: Tensor, _ heads: CandidateHeads, addingTo context: [Tensor]) -> Tensor {
    let inputs = [dy, heads.q, heads.ownKey, heads.ownValue, heads.keys, heads.values]
    return heads.slopes(dy, addingTo: context).recorded(
        fused: inputs,
        reference: { given in
            let own = given[1...3].map { $0.identity() }
            let results = gradients(
                of: heads.reference(own + given[4...5]), withRespectTo: own, seed: given[0], createGraph: true)
            return concatenate(results.map { $0.reshaped([1] + $0.shape) }, axis: 0)
        }
    ) { upstream, into in
        let found = heads.secondSlopes(dy, upstream, ofContext: into.wants(4) || into.wants(5))
        for (index, slope) in found.enumerated() { into.add(index, slope) }
    }
}

extension CandidateHeads {
    /// The same composed of simple operations, of other tensors.
    func reference(_ inputs: [Tensor]) -> Tensor {
        Reference.candidateAttention(
            inputs[0], ownKey: inputs[1], ownValue: inputs[2], keys: inputs[3], values: inputs[4], visible: visible, scale: scale)
    }
}

extension Reference {
    /// See the function `candidateAttention`: attention to the context and, behind it, to the diagonal of the candidates.
    public static func candidateAttention(
        _ q: Tensor, ownKey: Tensor, ownValue: Tensor, keys: Tensor, values: Tensor, visible: Int, scale: Double
    ) -> Tensor {
        let (tokens, count) = (q.shape[1], keys.shape[1])
        let visibility = Visibility(
            (0..<tokens).map { (0..<visible + $0, count + $0..<count + $0 + 1) }, keyCount: count + tokens)
        return attention(
            q, concatenate([keys, ownKey], axis: 1), concatenate([values, ownValue], axis: 1), visibility: visibility, scale: scale)
    }
}
