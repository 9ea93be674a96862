internal import Glibc
internal import Kernels

/// One query for each sequence, as in decoding: reading the keys and values is all the work. So the query heads that share keys go
/// over them together, and long texts are cut into stretches, that there is work for more threads than heads.
extension AttentionHeads {
    /// Keys in a stretch: reading 2048 keys and values takes longer than handing the work to a thread, many times over.
    static let stretch = 2048

    /// o [B, 1, H, V] and its log-sum-exp [B, H, 1].
    func forwardOne<R: Real>(_: R.Type, _ o: Tensor, _ logSumExp: Tensor) {
        let stretches = seenStretches()
        guard stretches.count > 1 else { return forwardOne(R.self, stretches, o, logSumExp) }
        let parts = Tensor(uninitialized: [stretches.count] + o.shape, o.scalarType)  // [stretches, B, 1, H, V]
        let sums = Tensor(uninitialized: [stretches.count] + logSumExp.shape, o.scalarType)  // [stretches, B, H, 1]
        forwardOne(R.self, stretches, parts, sums)
        merge(R.self, parts, sums, o, logSumExp)
    }

    /// What the query sees of each stretch, of those where it sees any; all in one where there are few. The cut depends on what is
    /// seen and not on how many places a cache has: a cache that was saved and loaded must go on with the same bits.
    private func seenStretches() -> [zk_visibility] {
        let row = visibility.rows[0]
        let end = Int(Swift.max(row.begin.0 < row.end.0 ? row.end.0 : 0, row.begin.1 < row.end.1 ? row.end.1 : 0))
        guard end > 2 * Self.stretch else { return [row] }
        return stride(from: 0, to: end, by: Self.stretch).compactMap { begin in
            let (low, high) = (Int32(begin), Int32(Swift.min(end, begin + Self.stretch)))
            func cut(_ bound: Int32) -> Int32 { Swift.min(Swift.max(bound, low), high) }
            let part = zk_visibility(
                begin: (cut(row.begin.0), cut(row.begin.1)), end: (cut(row.end.0), cut(row.end.1)))
            return part.begin.0 < part.end.0 || part.begin.1 < part.end.1 ? part : nil
        }
    }

    /// Attention to each stretch by itself: o [stretches, B, 1, H, V], log-sum-exp [stretches, B, H, 1].
    private func forwardOne<R: Real>(_: R.Type, _ stretches: [zk_visibility], _ o: Tensor, _ logSumExp: Tensor) {
        let group = queryHeads / keyHeads, heads = q.shape[0] * keyHeads
        let units = stretches.count * heads
        let pairs = visibility.pairCount / stretches.count
        let inPiece = self.units(ofWork: pairs * (keyWidth + valueWidth) * group)
        let workspace = Int(R.attentionWorkspace(Int64(keyWidth), Int64(valueWidth))) * MemoryLayout<R>.size
        // The kernel takes one query for each row; here the rows are the heads of the group.
        let rows = stretches.flatMap { repeatElement($0, count: group) }
        rows.withUnsafeBufferPointer { rows in
            guard let rows = rows.baseAddress else { return }
            Execution.current.parallel(count: (units + inPiece - 1) / inPiece, scratchBytes: workspace) {
                piece, scratch in
                for unit in piece * inPiece..<min(units, (piece + 1) * inPiece) {
                    let (part, head) = unit.quotientAndRemainder(dividingBy: heads)
                    let (batch, keyHead) = head.quotientAndRemainder(dividingBy: keyHeads)
                    R.attention(
                        Int64(group), Int64(keys), Int64(keyWidth), Int64(valueWidth), R(scale),
                        q.input(R.self) + head * group * keyWidth, Int64(keyWidth),
                        k.input(R.self) + startOfKeys(batch, keyHead, k), Int64(keyStride),
                        v.input(R.self) + startOfKeys(batch, keyHead, v), Int64(valueStride), rows + part * group,
                        o.pointer(R.self) + unit * group * valueWidth, Int64(valueWidth),
                        logSumExp.pointer(R.self) + unit * group, scratch.assumingMemoryBound(to: R.self))
                }
            }
        }
    }

    /// The parts' outputs, weighted by their shares of the sum of all exponentials, in the order of the stretches.
    private func merge<R: Real>(_: R.Type, _ parts: Tensor, _ sums: Tensor, _ o: Tensor, _ logSumExp: Tensor) {
        let count = parts.shape[0], rows = logSumExp.count
        Execution.current.parallel(count: 1) { _ in
            let (parts, sums) = (parts.input(R.self), sums.input(R.self))
            let (o, logSumExp) = (o.pointer(R.self), logSumExp.pointer(R.self))
            for row in 0..<rows {
                var largest = -Double.infinity, total = 0.0
                for part in 0..<count { largest = Swift.max(largest, Double(sums[part * rows + row])) }
                for part in 0..<count { total += exp(Double(sums[part * rows + row]) - largest) }
                logSumExp[row] = R(largest + log(total))
                let output = o + row * valueWidth
                for column in 0..<valueWidth { output[column] = 0 }
                for part in 0..<count {
                    let weight = R(exp(Double(sums[part * rows + row]) - largest) / total)
                    let from = parts + (part * rows + row) * valueWidth
                    for column in 0..<valueWidth { output[column] += weight * from[column] }
                }
            }
        }
    }
}
