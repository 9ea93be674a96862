internal import Kernels

/// softmax(scale · q kᵀ) v over what each query may see; rows that see nothing give zeros.
///
/// No T × S buffer: scores are made and used tile by tile (FlashAttention-2, arXiv:2307.08691).
/// - Parameters:
///   - q: [B, T, H, K]
///   - k: [B, S, G, K]; query head h uses key head h / (H / G), so G divides H (arXiv:2305.13245).
///   - v: [B, S, G, V]
///   - visibility: T rows over S keys.
///   - scale: usually 1 / √K.
/// - Returns: [B, T, H, V]
/// - Complexity: 2 (K + V) operations for each visible pair and head; the derivative takes 2.5 times as many.
public func attention(_ q: Tensor, _ k: Tensor, _ v: Tensor, visibility: Visibility, scale: Double) -> Tensor {
    precondition(
        q.rank == 4 && k.rank == 4 && v.rank == 4 && q.shape[0] == k.shape[0] && q.shape[3] == k.shape[3]
            && k.shape.dropLast() == v.shape.dropLast() && k.shape[2] > 0 && q.shape[2] % k.shape[2] == 0,
        "attention of q \(q.shape), k \(k.shape), v \(v.shape)")
    precondition(
        visibility.queryCount == q.shape[1] && visibility.keyCount == k.shape[1],
        "visibility of \(visibility.queryCount) × \(visibility.keyCount) for q \(q.shape), k \(k.shape)")
    let heads = AttentionHeads(q: q, k: k, v: v, visibility: visibility, scale: scale)
    let o = Tensor(uninitialized: q.shape.dropLast() + [v.shape[3]], q.scalarType)
    let logSumExp = Tensor(uninitialized: [q.shape[0], q.shape[2], q.shape[1]], q.scalarType)  // [B, H, T]
    q.scalarType == .float32
        ? heads.forward(Float.self, o, logSumExp) : heads.forward(Double.self, o, logSumExp)
    return o.recorded(
        fused: [q, k, v],
        reference: { Reference.attention($0[0], $0[1], $0[2], visibility: visibility, scale: scale) }
    ) { dy, into in
        let dq = Tensor(uninitialized: q.shape, q.scalarType)
        let dk = into.accumulator(1, shape: k.shape, k.scalarType) ?? .zeros(k.shape, k.scalarType)
        let dv = into.accumulator(2, shape: v.shape, v.scalarType) ?? .zeros(v.shape, v.scalarType)
        q.scalarType == .float32
            ? heads.backward(Float.self, o, logSumExp, dy, dq, dk, dv)
            : heads.backward(Double.self, o, logSumExp, dy, dq, dk, dv)
        into.add(0, dq)
    }
}

/// Attention cut into pieces: one head of one sequence forward, all the heads that share keys backward, so that their
/// contributions to these keys add up in order.
private struct AttentionHeads {
    let q: Tensor, k: Tensor, v: Tensor
    let visibility: Visibility
    let scale: Double

    private var queries: Int { q.shape[1] }
    private var keys: Int { k.shape[1] }
    private var queryHeads: Int { q.shape[2] }
    private var keyHeads: Int { k.shape[2] }
    private var keyWidth: Int { q.shape[3] }
    private var valueWidth: Int { v.shape[3] }

    /// How many of the smallest units of work make a piece that is worth a thread's while.
    private func units(ofWork work: Int) -> Int { Swift.max(1, (1 << 18) / Swift.max(1, work)) }

    /// Where head `head` of sequence `batch` starts in [B, rows, heads, width].
    private func start(_ batch: Int, _ head: Int, _ tensor: Tensor) -> Int {
        (batch * tensor.shape[1] * tensor.shape[2] + head) * tensor.shape[3]
    }

    func forward<R: Real>(_: R.Type, _ o: Tensor, _ logSumExp: Tensor) {
        let units = q.shape[0] * queryHeads
        let inPiece = self.units(ofWork: visibility.pairCount * (keyWidth + valueWidth))
        let workspace = Int(R.attentionWorkspace(Int64(keyWidth), Int64(valueWidth))) * MemoryLayout<R>.size
        visibility.rows.withUnsafeBufferPointer { rows in
            guard let rows = rows.baseAddress else { return }
            Execution.current.parallel(count: (units + inPiece - 1) / inPiece, scratchBytes: workspace) {
                piece, scratch in
                for unit in piece * inPiece..<min(units, (piece + 1) * inPiece) {
                    let (batch, head) = unit.quotientAndRemainder(dividingBy: queryHeads)
                    let keyHead = head / (queryHeads / keyHeads)
                    R.attention(
                        Int64(queries), Int64(keys), Int64(keyWidth), Int64(valueWidth), R(scale),
                        q.input(R.self) + start(batch, head, q), Int64(queryHeads * keyWidth),
                        k.input(R.self) + start(batch, keyHead, k), Int64(keyHeads * keyWidth),
                        v.input(R.self) + start(batch, keyHead, v), Int64(keyHeads * valueWidth), rows,
                        o.pointer(R.self) + start(batch, head, o), Int64(queryHeads * valueWidth),
                        logSumExp.pointer(R.self) + unit * queries, scratch.assumingMemoryBound(to: R.self))
                }
            }
        }
    }

    func backward<R: Real>(
        _: R.Type, _ o: Tensor, _ logSumExp: Tensor, _ dy: Tensor, _ dq: Tensor, _ dk: Tensor, _ dv: Tensor
    ) {
        let units = q.shape[0] * keyHeads, group = queryHeads / keyHeads
        let inPiece = self.units(ofWork: visibility.pairCount * (keyWidth + valueWidth) * group)
        let workspace =
            Int(R.attentionBackwardWorkspace(Int64(queries), Int64(keyWidth), Int64(valueWidth))) * MemoryLayout<R>.size
        visibility.rows.withUnsafeBufferPointer { rows in
            guard let rows = rows.baseAddress else { return }
            Execution.current.parallel(count: (units + inPiece - 1) / inPiece, scratchBytes: workspace) {
                piece, scratch in
                for unit in piece * inPiece..<min(units, (piece + 1) * inPiece) {
                    let (batch, keyHead) = unit.quotientAndRemainder(dividingBy: keyHeads)
                    for head in keyHead * group..<(keyHead + 1) * group {
                        let output = start(batch, head, o), query = start(batch, head, q)
                        let key = start(batch, keyHead, k), value = start(batch, keyHead, v)
                        R.attentionBackward(
                            Int64(queries), Int64(keys), Int64(keyWidth), Int64(valueWidth), R(scale),
                            q.input(R.self) + query, Int64(queryHeads * keyWidth),
                            k.input(R.self) + key, Int64(keyHeads * keyWidth),
                            v.input(R.self) + value, Int64(keyHeads * valueWidth), rows,
                            o.input(R.self) + output, Int64(queryHeads * valueWidth),
                            logSumExp.input(R.self) + (batch * queryHeads + head) * queries,
                            dy.input(R.self) + output, Int64(queryHeads * valueWidth),
                            dq.pointer(R.self) + query, Int64(queryHeads * keyWidth),
                            dk.pointer(R.self) + key, Int64(keyHeads * keyWidth),
                            dv.pointer(R.self) + value, Int64(keyHeads * valueWidth),
                            scratch.assumingMemoryBound(to: R.self))
                    }
                }
            }
        }
    }
}
