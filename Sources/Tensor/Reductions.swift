/// Sums, means and maxima.
extension Tensor {
    /// The sum of all values, as a scalar. Accumulated in double precision.
    public func sum() -> Tensor {
        let y = Tensor(uninitialized: [], scalarType)
        func sum<R: Real>(_: R.Type) {
            let pieces = (count + elementsInPiece - 1) / elementsInPiece
            let partial = Tensor(uninitialized: [pieces], .float64)
            let execution = Execution.current
            execution.inRanges(count, of: elementsInPiece) { range in
                partial.pointer(Double.self)[range.lowerBound / elementsInPiece] =
                    R.sumOfValues(Int64(range.count), input(R.self) + range.lowerBound)
            }
            execution.parallel(count: 1) { _ in
                y.pointer(R.self).pointee = R(Double.sumOfValues(Int64(pieces), partial.input(Double.self)))
            }
        }
        scalarType == .float32 ? sum(Float.self) : sum(Double.self)
        return y.recorded(from: [self]) { [shape] dy, into in into.add(0, dy.broadcast(to: shape)) }
    }

    /// The mean of all values, as a scalar.
    public func mean() -> Tensor { sum() / Double(count) }

    /// Sums over one axis, which goes, or stays with extent 1.
    public func sum(axis: Int, keepingAxis: Bool = false) -> Tensor {
        let axis = normalizedAxis(axis)
        let (outer, extent, inner) = split(at: axis)
        let y = inner == 1 ? sumOfColumns(outer, extent) : sumOfRows(outer, extent, inner)
        var kept = shape
        kept[axis] = 1
        var result = kept
        if !keepingAxis { result.remove(at: axis) }
        return y.view(result).recorded(from: [self]) { [shape, kept] dy, into in
            into.add(0, dy.reshaped(kept).broadcast(to: shape))
        }
    }

    /// The mean over one axis.
    public func mean(axis: Int, keepingAxis: Bool = false) -> Tensor {
        sum(axis: axis, keepingAxis: keepingAxis) / Double(extent(axis))
    }

    /// The maximum over one axis. The gradient goes in equal shares to all values that reach it (a subgradient); the
    /// shares are not derived further.
    public func max(axis: Int, keepingAxis: Bool = false) -> Tensor {
        let axis = normalizedAxis(axis)
        let (outer, extent, inner) = split(at: axis)
        precondition(extent > 0, "maximum over an axis without values, shape \(shape)")
        var kept = shape
        kept[axis] = 1
        let rows = detached().reshaped([outer, extent, inner]).transposed([0, 2, 1])  // [outer, inner, extent]
        let y = Tensor(uninitialized: kept, scalarType)
        func maximum<R: Real>(_: R.Type) {
            Execution.current.inRanges(outer * inner, of: rowsInPiece(width: extent)) { range in
                let start = range.lowerBound
                R.maxColumns(
                    Int64(range.count), Int64(extent), rows.input(R.self) + start * extent, y.pointer(R.self) + start)
            }
        }
        scalarType == .float32 ? maximum(Float.self) : maximum(Double.self)
        var result = kept
        if !keepingAxis { result.remove(at: axis) }
        return y.view(result).recorded(from: [self]) { [shape, x = detached()] dy, into in
            let isMaximum = x.equals(y.broadcast(to: shape))
            let share = isMaximum / isMaximum.sum(axis: axis, keepingAxis: true)
            into.add(0, dy.reshaped(kept) * share)
        }
    }

    /// 1 where the values are equal, else 0. Not recorded.
    private func equals(_ other: Tensor) -> Tensor {
        let y = Tensor(uninitialized: shape, scalarType)
        func compare<R: Real>(_: R.Type) {
            Execution.current.inRanges(count, of: elementsInPiece) { range in
                let (a, b, y) = (input(R.self), other.input(R.self), y.pointer(R.self))
                for index in range { y[index] = a[index] == b[index] ? 1 : 0 }
            }
        }
        scalarType == .float32 ? compare(Float.self) : compare(Double.self)
        return y
    }

    /// Products of the extents before, at and after an axis.
    func split(at axis: Int) -> (outer: Int, extent: Int, inner: Int) {
        (shape[..<axis].reduce(1, *), shape[axis], shape[(axis + 1)...].reduce(1, *))
    }

    /// [rows, width] → [rows]
    private func sumOfColumns(_ rows: Int, _ width: Int) -> Tensor {
        let y = Tensor(uninitialized: [rows], scalarType)
        func sum<R: Real>(_: R.Type) {
            Execution.current.inRanges(rows, of: rowsInPiece(width: width)) { range in
                let start = range.lowerBound
                R.sumColumns(Int64(range.count), Int64(width), input(R.self) + start * width, y.pointer(R.self) + start)
            }
        }
        scalarType == .float32 ? sum(Float.self) : sum(Double.self)
        return y
    }

    /// [outer, rows, width] → [outer, width]
    private func sumOfRows(_ outer: Int, _ rows: Int, _ width: Int) -> Tensor {
        let y = Tensor.zeros([outer, width], scalarType)
        let blocks = rowBlocks(rows: rows, width: width)
        guard blocks == 1 else {
            for index in 0..<outer {
                let part = view([rows, width], count: rows * width, elementOffset: index * rows * width)
                addRows(of: part, blocks: blocks, to: y.view([width], count: width, elementOffset: index * width))
            }
            return y
        }
        func sum<R: Real>(_: R.Type) {
            Execution.current.inRanges(outer, of: rowsInPiece(width: rows * width)) { range in
                for index in range {
                    R.accumulateRows(
                        Int64(rows), Int64(width), input(R.self) + index * rows * width,
                        y.pointer(R.self) + index * width)
                }
            }
        }
        scalarType == .float32 ? sum(Float.self) : sum(Double.self)
        return y
    }
}

/// Into how many blocks the rows of a column sum are cut.
private func rowBlocks(rows: Int, width: Int) -> Int {
    rows * width <= 4 * elementsInPiece ? 1 : min(64, (rows + 63) / 64)
}

/// y[width] += sum of the rows of x [rows, width]: blocks of rows on their own, then the blocks in order.
func addRows(of x: Tensor, to y: Tensor) {
    addRows(of: x, blocks: rowBlocks(rows: x.count / max(1, y.count), width: y.count), to: y)
}

private func addRows(of x: Tensor, blocks: Int, to y: Tensor) {
    let width = y.count
    let rows = x.count / max(1, width)
    let perBlock = (rows + blocks - 1) / max(1, blocks)
    let partial = Tensor.zeros([blocks, width], x.scalarType)
    func sum<R: Real>(_: R.Type) {
        Execution.current.parallel(count: blocks) { block in
            let start = min(rows, block * perBlock), end = min(rows, start + perBlock)
            R.accumulateRows(
                Int64(end - start), Int64(width), x.input(R.self) + start * width,
                partial.pointer(R.self) + block * width)
        }
    }
    x.scalarType == .float32 ? sum(Float.self) : sum(Double.self)
    addParts(partial, to: y)
}

/// y += parts[0] + parts[1] + …, in this order for each value; y is as large as one part.
func addParts(_ parts: Tensor, to y: Tensor) {
    func add<R: Real>(_: R.Type) {
        Execution.current.inRanges(y.count, of: elementsInPiece) { range in
            for part in 0..<parts.shape[0] {
                let source = parts.input(R.self) + (part * y.count + range.lowerBound)
                R.accumulate(Int64(range.count), 1, source, y.pointer(R.self) + range.lowerBound)
            }
        }
    }
    parts.scalarType == .float32 ? add(Float.self) : add(Double.self)
}
