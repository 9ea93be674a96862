extension Tensor {
    /// Rows of a [R, D] tensor by index: y[i] = x[rows[i]]. An index outside 0 ..< R gives zeros.
    /// The transpose of adding rows into a larger tensor.
    public func gatherRows(_ rows: [Int32]) -> Tensor {
        precondition(rank == 2, "rows of a tensor of shape \(shape)")
        let width = shape[1]
        let y = Tensor(uninitialized: [rows.count, width], scalarType)
        func gather<R: Real>(_: R.Type) {
            rows.withUnsafeBufferPointer { rows in
                guard let rows = rows.baseAddress else { return }
                Execution.current.inRanges(y.shape[0], of: rowsInPiece(width: width)) { range in
                    R.gatherRows(
                        Int64(range.count), Int64(width), input(R.self), Int64(shape[0]), rows + range.lowerBound,
                        y.pointer(R.self) + range.lowerBound * width)
                }
            }
        }
        scalarType == .float32 ? gather(Float.self) : gather(Double.self)
        return y.recorded(from: [self]) { [shape, scalarType] dy, into in
            if into.createsGraph {
                into.add(0, dy.scatterRows(rows, count: shape[0]))
            } else if let table = into.accumulator(0, shape: shape, scalarType) {
                table.addRows(dy, at: rows)
            }
        }
    }

    /// A [count, D] tensor y of zeros to which the rows of this [R, D] tensor are added: y[rows[i]] += x[i]. Indices
    /// outside 0 ..< count are skipped. The transpose of `gatherRows`.
    public func scatterRows(_ rows: [Int32], count: Int) -> Tensor {
        precondition(rank == 2 && rows.count == shape[0], "\(rows.count) places for rows of \(shape)")
        let y = Tensor.zeros([count, shape[1]], scalarType)
        y.addRows(self, at: rows)
        return y.recorded(from: [self]) { dy, into in into.add(0, dy.gatherRows(rows)) }
    }

    /// self[rows[i]] += x[i], in the order of i; cut by columns, so that no row is shared between pieces.
    private func addRows(_ x: Tensor, at rows: [Int32]) {
        let width = shape[1]
        let columns = x.count <= elementsInPiece ? width : Swift.max(16, (width / 8 + 15) & ~15)
        func scatter<R: Real>(_: R.Type) {
            rows.withUnsafeBufferPointer { rows in
                guard let index = rows.baseAddress else { return }
                Execution.current.inRanges(width, of: columns) { range in
                    R.scatterRows(
                        Int64(rows.count), Int64(range.count), x.input(R.self) + range.lowerBound, Int64(width),
                        Int64(shape[0]), index, pointer(R.self) + range.lowerBound, Int64(width))
                }
            }
        }
        scalarType == .float32 ? scatter(Float.self) : scatter(Double.self)
    }
}

/// The rows of a table, one for each index.
///
/// - Parameters:
///   - table: [V, D]
///   - indices: row-major over `shape`; an index outside 0 ..< V gives zeros.
///   - shape: such as [B, T].
/// - Returns: shape + [D]
public func embedding(_ table: Tensor, indices: [Int32], shape: [Int]) -> Tensor {
    precondition(shape.reduce(1, *) == indices.count, "\(indices.count) indices for shape \(shape)")
    return table.gatherRows(indices).reshaped(shape + [table.shape[1]])
}

/// Rows of x [R, D] by index: see `Tensor.gatherRows`.
public func gatherRows(_ x: Tensor, rows: [Int32]) -> Tensor { x.gatherRows(rows) }
