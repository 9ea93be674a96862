internal import Kernels

/// softmax(scale · q kᵀ) v in which query i sees the keys `ranges[i]` and no others; zeros for an empty range.
///
/// For cross-attention between tokens and the groups that they belong to: ragged rows lie one after the other, so nothing is padded and
/// nothing is masked. What a query gives has the same bits whatever queries stand beside it.
/// - Parameters:
///   - q: [Q, H, K]
///   - k: [S, G, K]; query head h uses key head h / (H / G), so G divides H.
///   - v: [S, G, V]
///   - ranges: Q of them, within 0 ..< S.
///   - scale: usually 1 / √K.
/// - Returns: [Q, H, V]
/// - Complexity: 2 (K + V) operations for each head and each key of each range; meant for ranges of a few keys.
public func rangeAttention(_ q: Tensor, _ k: Tensor, _ v: Tensor, ranges: [Range<Int>], scale: Double) -> Tensor {
    precondition(
        q.rank == 3 && k.rank == 3 && v.rank == 3 && q.shape[2] == k.shape[2] && k.shape.dropLast() == v.shape.dropLast()
            && k.shape[1] > 0 && q.shape[1] % k.shape[1] == 0 && ranges.count == q.shape[0],
        "range attention of q \(q.shape), k \(k.shape), v \(v.shape), \(ranges.count) ranges")
    precondition(
        ranges.allSatisfy { $0.lowerBound >= 0 && $0.upperBound <= k.shape[0] }, "ranges outside of \(k.shape[0]) keys")
    let heads = RangeHeads(q: q, k: k, v: v, ranges: ranges, scale: scale)
    let o = Tensor(uninitialized: [q.shape[0], q.shape[1], v.shape[2]], q.scalarType)
    let logSumExp = Tensor(uninitialized: [q.shape[0], q.shape[1]], q.scalarType)
    q.scalarType == .float32 ? heads.forward(Float.self, o, logSumExp) : heads.forward(Double.self, o, logSumExp)
    return o.recorded(
        fused: [q, k, v], reference: { Reference.rangeAttention($0[0], $0[1], $0[2], ranges: ranges, scale: scale) }
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

/// The work in pieces: queries forward; backward the heads that share keys, so that what these are given adds up in order.
private struct RangeHeads {
    let q: Tensor, k: Tensor, v: Tensor
    let ranges: [Int32]
    let scale: Double

    init(q: Tensor, k: Tensor, v: Tensor, ranges: [Range<Int>], scale: Double) {
        (self.q, self.k, self.v, self.scale) = (q, k, v, scale)
        self.ranges = ranges.flatMap { [Int32($0.lowerBound), Int32($0.upperBound)] }
    }

    private var queryHeads: Int { q.shape[1] }
    private var keyHeads: Int { k.shape[1] }
    private var keyWidth: Int { q.shape[2] }
    private var valueWidth: Int { v.shape[2] }

    func forward<R: Real>(_: R.Type, _ o: Tensor, _ logSumExp: Tensor) {
        ranges.withUnsafeBufferPointer { ranges in
            guard let ranges = ranges.baseAddress else { return }
            Execution.current.inRanges(q.shape[0], of: rowsInPiece(width: 4 * queryHeads * keyWidth)) { rows in
                for head in 0..<queryHeads {
                    let group = head / (queryHeads / keyHeads)
                    R.rangeAttention(
                        Int64(rows.count), Int64(keyWidth), Int64(valueWidth), R(scale),
                        q.input(R.self) + (rows.lowerBound * queryHeads + head) * keyWidth, Int64(queryHeads * keyWidth),
                        k.input(R.self) + group * keyWidth, Int64(keyHeads * keyWidth), v.input(R.self) + group * valueWidth,
                        Int64(keyHeads * valueWidth), ranges + 2 * rows.lowerBound,
                        o.pointer(R.self) + (rows.lowerBound * queryHeads + head) * valueWidth, Int64(queryHeads * valueWidth),
                        logSumExp.pointer(R.self) + rows.lowerBound * queryHeads + head, Int64(queryHeads))
                }
            }
        }
    }

    func backward<R: Real>(
        _: R.Type, _ o: Tensor, _ logSumExp: Tensor, _ dy: Tensor, _ dq: Tensor, _ dk: Tensor, _ dv: Tensor
    ) {
        ranges.withUnsafeBufferPointer { ranges in
            guard let ranges = ranges.baseAddress else { return }
            let group = queryHeads / keyHeads
            Execution.current.parallel(count: keyHeads) { keyHead in
                for head in keyHead * group..<(keyHead + 1) * group {
                    R.rangeAttentionBackward(
                        Int64(q.shape[0]), Int64(keyWidth), Int64(valueWidth), R(scale), q.input(R.self) + head * keyWidth,
                        Int64(queryHeads * keyWidth), k.input(R.self) + keyHead * keyWidth, Int64(keyHeads * keyWidth),
                        v.input(R.self) + keyHead * valueWidth, Int64(keyHeads * valueWidth), ranges,
                        o.input(R.self) + head * valueWidth, Int64(queryHeads * valueWidth), logSumExp.input(R.self) + head,
                        Int64(queryHeads), dy.input(R.self) + head * valueWidth, Int64(queryHeads * valueWidth),
                        dq.pointer(R.self) + head * keyWidth, Int64(queryHeads * keyWidth),
                        dk.pointer(R.self) + keyHead * keyWidth, Int64(keyHeads * keyWidth),
                        dv.pointer(R.self) + keyHead * valueWidth, Int64(keyHeads * valueWidth))
                }
            }
        }
    }
}

extension Reference {
    /// See the function `rangeAttention`.
    public static func rangeAttention(
        _ q: Tensor, _ k: Tensor, _ v: Tensor, ranges: [Range<Int>], scale: Double
    ) -> Tensor {
        let keys = k.shape[0]
        let visibility = Visibility(ranges.map { ($0, keys..<keys) }, keyCount: keys)
        func one(_ x: Tensor) -> Tensor { x.reshaped([1] + x.shape) }
        return attention(one(q), one(k), one(v), visibility: visibility, scale: scale)
            .reshaped([q.shape[0], q.shape[1], v.shape[2]])
    }
}
