internal import Kernels

/// Attention cut into pieces: one head of one sequence forward (all that share keys when there is one query), all the heads that
/// share keys backward, so that their contributions to these keys add up in order.
struct AttentionHeads {
    let q: Tensor, k: Tensor, v: Tensor
    let visibility: Visibility
    let scale: Double
    /// Whether keys and values are [B, G, S, …] instead of [B, S, G, …].
    var isByHead = false

    var queries: Int { q.shape[1] }
    var keys: Int { k.shape[isByHead ? 2 : 1] }
    var queryHeads: Int { q.shape[2] }
    var keyHeads: Int { k.shape[isByHead ? 1 : 2] }
    var keyWidth: Int { q.shape[3] }
    var valueWidth: Int { v.shape[3] }
    /// From one key to the next, and from one value to the next.
    var keyStride: Int { isByHead ? keyWidth : keyHeads * keyWidth }
    var valueStride: Int { isByHead ? valueWidth : keyHeads * valueWidth }

    /// How many of the smallest units of work make a piece that is worth a thread's while.
    func units(ofWork work: Int) -> Int { Swift.max(1, (1 << 18) / Swift.max(1, work)) }

    /// Where head `head` of sequence `batch` starts in [B, rows, heads, width].
    func start(_ batch: Int, _ head: Int, _ tensor: Tensor) -> Int {
        (batch * tensor.shape[1] * tensor.shape[2] + head) * tensor.shape[3]
    }

    /// Where the keys (or values) of head `head` of sequence `batch` start, however they lie.
    func startOfKeys(_ batch: Int, _ head: Int, _ tensor: Tensor) -> Int {
        isByHead ? (batch * keyHeads + head) * keys * tensor.shape[3] : start(batch, head, tensor)
    }

    /// o [B, T, H, V] and its log-sum-exp [B, H, T].
    func forward<R: Real>(_: R.Type, _ o: Tensor, _ logSumExp: Tensor) {
        if queries == 1 { return forwardOne(R.self, o, logSumExp) }
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
                        k.input(R.self) + startOfKeys(batch, keyHead, k), Int64(keyStride),
                        v.input(R.self) + startOfKeys(batch, keyHead, v), Int64(valueStride), rows,
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
