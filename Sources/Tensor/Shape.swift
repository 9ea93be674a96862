/// Operations that move values and compute nothing. The derivative of each is its transpose: reshape back, permute back,
/// pad for slice, slice for pad.
extension Tensor {
    /// The same values under another shape; one extent may be −1 and is then worked out. No copy.
    public func reshaped(_ shape: [Int]) -> Tensor {
        var shape = shape
        if let unknown = shape.firstIndex(of: -1) {
            let known = shape.reduce(-1, *)
            precondition(known > 0 && count % known == 0, "\(self.shape) reshaped to \(shape)")
            shape[unknown] = count / known
        }
        if shape == self.shape { return self }
        precondition(shape.reduce(1, *) == count || storage.isHollow, "\(self.shape) reshaped to \(shape)")
        return view(shape).recorded(from: [self]) { [old = self.shape] dy, into in
            into.add(0, dy.reshaped(old))
        }
    }

    /// The same values as a constant: derivatives stop here.
    public func stopGradient() -> Tensor { node == nil ? self : detached() }

    /// The same values as a vertex of its own in the graph.
    func identity() -> Tensor {
        view(shape).recorded(from: [self]) { dy, into in into.add(0, dy) }
    }

    /// Axis `i` of the result is axis `axes[i]` of this tensor.
    public func transposed(_ axes: [Int]) -> Tensor {
        precondition(axes.sorted() == Array(0..<rank), "axes \(axes) of a tensor of shape \(shape)")
        if axes == Array(0..<rank) { return self }
        var inverse = axes
        for (position, axis) in axes.enumerated() { inverse[axis] = position }
        return permuted(axes).recorded(from: [self]) { [inverse] dy, into in
            into.add(0, dy.transposed(inverse))
        }
    }

    /// The part `range` of one axis (negative axes count from the end). A slice of the first axis shares memory.
    public func sliced(axis: Int, _ range: Range<Int>) -> Tensor {
        let axis = normalizedAxis(axis)
        let extent = shape[axis]
        precondition(range.lowerBound >= 0 && range.upperBound <= extent, "\(range) of axis \(axis) of \(shape)")
        if range.count == extent { return self }
        return slice(axis, range).recorded(from: [self]) { [shape, scalarType] dy, into in
            if into.createsGraph {
                into.add(0, dy.padded(axis: axis, before: range.lowerBound, after: extent - range.upperBound))
            } else if let dx = into.accumulator(0, shape: shape, scalarType) {
                dx.moveSlice(axis, at: range.lowerBound, dy, .addFromPart)
            }
        }
    }

    /// The tensor with zeros before and after it on one axis.
    public func padded(axis: Int, before: Int, after: Int) -> Tensor {
        let axis = normalizedAxis(axis)
        var padded = shape
        padded[axis] += before + after
        let y = Tensor.zeros(padded, scalarType)
        y.moveSlice(axis, at: before, self, .fromPart)
        return y.recorded(from: [self]) { [range = before..<before + shape[axis]] dy, into in
            into.add(0, dy.sliced(axis: axis, range))
        }
    }

    /// Repeats the values along axes of extent 1 and along new leading axes, so that the result has `shape`.
    public func broadcast(to shape: [Int]) -> Tensor {
        if shape == self.shape { return self }
        var result = reshaped([Int](repeating: 1, count: shape.count - rank) + self.shape)
        for group in broadcastGroups(of: result.shape, in: shape).reversed() where group.isRepeated {
            result = result.repeated(outer: group.outerOfSource, times: group.extent)
        }
        return result.reshaped(shape)
    }

    /// Sums over what `broadcast(to:)` would repeat: its transpose.
    public func summed(to shape: [Int]) -> Tensor {
        if shape == self.shape { return self }
        var result = self
        let source = [Int](repeating: 1, count: rank - shape.count) + shape
        for group in broadcastGroups(of: source, in: self.shape) where group.isRepeated {
            result = result.reshaped([group.outerOfSource, group.extent, -1]).sum(axis: 1, keepingAxis: false)
        }
        return result.reshaped(shape)
    }

    /// [outer, inner] → [outer, times, inner], flat. The transpose of a sum over the middle axis.
    private func repeated(outer: Int, times: Int) -> Tensor {
        guard count > 0 else { return .zeros([0], scalarType) }
        let inner = count / outer
        let y = Tensor(uninitialized: [outer, times, inner], scalarType)
        func copy<R: Real>(_: R.Type) {
            let rows = outer * times
            Execution.current.inRanges(rows, of: rowsInPiece(width: inner)) { range in
                let (x, y) = (input(R.self), y.pointer(R.self))
                var row = range.lowerBound
                while row < range.upperBound {
                    let source = row / times
                    let end = min(range.upperBound, (source + 1) * times)
                    if inner == 1 {
                        R.fill(Int64(end - row), x[source], y + row)
                    } else {
                        for copy in row..<end { (y + copy * inner).update(from: x + source * inner, count: inner) }
                    }
                    row = end
                }
            }
        }
        scalarType == .float32 ? copy(Float.self) : copy(Double.self)
        return y.recorded(from: [self]) { [shape] dy, into in
            into.add(0, dy.sum(axis: 1).reshaped(shape))
        }
    }
}

/// Joins tensors of equal shape but for one axis, along that axis.
public func concatenate(_ parts: [Tensor], axis: Int) -> Tensor {
    precondition(!parts.isEmpty, "concatenate needs at least one tensor")
    if parts.count == 1 { return parts[0] }
    let axis = parts[0].normalizedAxis(axis)
    var shape = parts[0].shape
    shape[axis] = 0
    var starts: [Int] = []
    for part in parts {
        starts.append(shape[axis])
        shape[axis] += part.shape[axis]
        var expected = shape
        expected[axis] = part.shape[axis]
        precondition(part.shape == expected, "concatenate \(part.shape) to \(shape) along axis \(axis)")
    }
    let y = Tensor(uninitialized: shape, parts[0].scalarType)
    for (part, start) in zip(parts, starts) { y.moveSlice(axis, at: start, part, .fromPart) }
    let ranges = zip(parts, starts).map { part, start in start..<start + part.shape[axis] }
    return y.recorded(from: parts) { dy, into in
        for (index, range) in ranges.enumerated() { into.add(index, dy.sliced(axis: axis, range)) }
    }
}
