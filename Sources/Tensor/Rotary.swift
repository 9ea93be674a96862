/// Turns pairs of channels of each head by an angle that grows with the position (RoFormer, arXiv:2104.09864).
///
/// The derivative is the turn back: the transpose of a rotation.
/// - Parameters:
///   - x: [B, T, H, K]
///   - table: angles; its 2 · pairs ≤ K channels turn, the others pass.
///   - positions: T of them, or B · T, row-major; each in the table.
///   - interleaved: pairs are channels (2j, 2j + 1); otherwise (j, j + pairs), as in Llama files.
/// - Returns: [B, T, H, K]
public func rotary(_ x: Tensor, _ table: RotaryTable, positions: [Int32], interleaved: Bool = false) -> Tensor {
    precondition(
        x.rank == 4 && 2 * table.pairs <= x.shape[3] && x.scalarType == table.cosine.scalarType,
        "rotary of \(x) by \(table.pairs) pairs of \(table.cosine.scalarType)")
    let rows = x.shape[0] * x.shape[1]
    precondition(
        positions.count == rows || positions.count == x.shape[1], "\(positions.count) positions for shape \(x.shape)")
    precondition(
        positions.allSatisfy { $0 >= 0 && $0 < table.maximumPositions },
        "positions outside of the table's \(table.maximumPositions)")
    let repeated = positions.count == rows ? positions : (0..<x.shape[0]).flatMap { _ in positions }
    return x.turned(table, repeated, interleaved, forward: true)
}

extension Tensor {
    fileprivate func turned(_ table: RotaryTable, _ positions: [Int32], _ interleaved: Bool, forward: Bool) -> Tensor {
        let y = Tensor(uninitialized: shape, scalarType)
        let (heads, width) = (shape[2], shape[3])
        func turn<R: Real>(_: R.Type) {
            positions.withUnsafeBufferPointer { positions in
                guard let positions = positions.baseAddress else { return }
                Execution.current.inRanges(shape[0] * shape[1], of: rowsInPiece(width: heads * width)) { range in
                    let start = range.lowerBound * heads * width
                    R.rotary(
                        Int64(range.count), Int64(heads), Int64(width), Int64(table.pairs), interleaved ? 1 : 0,
                        forward ? 1 : -1, positions + range.lowerBound, table.cosine.input(R.self),
                        table.sine.input(R.self), input(R.self) + start, Int64(heads * width),
                        y.pointer(R.self) + start,
                        Int64(heads * width))
                }
            }
        }
        scalarType == .float32 ? turn(Float.self) : turn(Double.self)
        return y.recorded(from: [self]) { dy, into in
            into.add(0, dy.turned(table, positions, interleaved, forward: !forward))
        }
    }
}
