/// A run of neighbouring axes that broadcasting treats alike.
struct BroadcastGroup {
    /// Whether the source has extent 1 on these axes and the target does not.
    var isRepeated: Bool
    /// Product of the target's extents on these axes.
    var extent: Int
    /// Product of the source's extents on all axes before them.
    var outerOfSource: Int
}

/// How `source` is broadcast to `target` of the same rank.
func broadcastGroups(of source: [Int], in target: [Int]) -> [BroadcastGroup] {
    precondition(source.count == target.count, "\(source) broadcast to \(target)")
    var groups: [BroadcastGroup] = []
    for (from, to) in zip(source, target) {
        precondition(from == to || from == 1, "\(source) broadcast to \(target)")
        let isRepeated = from != to
        if let last = groups.last, last.isRepeated == isRepeated {
            groups[groups.count - 1].extent *= to
        } else {
            let last = groups.last
            let ofSource = (last?.outerOfSource ?? 1) * (last.map { $0.isRepeated ? 1 : $0.extent } ?? 1)
            groups.append(BroadcastGroup(isRepeated: isRepeated, extent: to, outerOfSource: ofSource))
        }
    }
    return groups
}

extension Tensor {
    enum Movement { case fromPart, toPart, addFromPart }

    /// Copies between `part` and the slice of this tensor that begins at `start` on `axis`.
    func moveSlice(_ axis: Int, at start: Int, _ part: Tensor, _ movement: Movement) {
        let outer = shape[..<axis].reduce(1, *)
        let inner = shape[(axis + 1)...].reduce(1, *)
        let whole = shape[axis] * inner
        let width = part.shape[axis] * inner
        func move<R: Real>(_: R.Type) {
            Execution.current.inRanges(outer, of: rowsInPiece(width: width)) { range in
                for row in range {
                    let inWhole = pointer(R.self) + (row * whole + start * inner)
                    let inPart = part.pointer(R.self) + row * width
                    switch movement {
                    case .fromPart: inWhole.update(from: inPart, count: width)
                    case .toPart: inPart.update(from: inWhole, count: width)
                    case .addFromPart: R.accumulate(Int64(width), 1, inPart, inWhole)
                    }
                }
            }
        }
        scalarType == .float32 ? move(Float.self) : move(Double.self)
    }

    /// A slice as a constant: a view where the slice is contiguous.
    func slice(_ axis: Int, _ range: Range<Int>) -> Tensor {
        var part = shape
        part[axis] = range.count
        if shape[..<axis].allSatisfy({ $0 == 1 }) {
            let inner = shape[(axis + 1)...].reduce(1, *)
            return view(part, count: range.count * inner, elementOffset: range.lowerBound * inner)
        }
        let y = Tensor(uninitialized: part, scalarType)
        moveSlice(axis, at: range.lowerBound, y, .toPart)
        return y
    }

    /// Axes in another order, copied, as a constant.
    func permuted(_ axes: [Int]) -> Tensor {
        let y = Tensor(uninitialized: axes.map { shape[$0] }, scalarType)
        var strides = [Int](repeating: 1, count: rank)
        for axis in stride(from: rank - 2, through: 0, by: -1) { strides[axis] = strides[axis + 1] * shape[axis + 1] }
        let (extents, steps) = merge(y.shape, axes.map { strides[$0] })
        let inner = extents.last ?? 1
        let step = steps.last ?? 1
        func copy<R: Real>(_: R.Type) {
            Execution.current.inRanges(y.count / Swift.max(1, inner), of: rowsInPiece(width: inner)) { range in
                for row in range {
                    var (rest, offset) = (row, 0)
                    for axis in stride(from: extents.count - 2, through: 0, by: -1) {
                        offset += rest % extents[axis] * steps[axis]
                        rest /= extents[axis]
                    }
                    let (from, to) = (input(R.self) + offset, y.pointer(R.self) + row * inner)
                    if step == 1 {
                        to.update(from: from, count: inner)
                    } else {
                        for index in 0..<inner { to[index] = from[index * step] }
                    }
                }
            }
        }
        scalarType == .float32 ? copy(Float.self) : copy(Double.self)
        return y
    }

    /// Joins axes that are neighbours both in the result and in memory.
    private func merge(_ extents: [Int], _ steps: [Int]) -> ([Int], [Int]) {
        var merged: ([Int], [Int]) = ([], [])
        for (extent, step) in zip(extents, steps) where extent != 1 {
            if let lastStep = merged.1.last, lastStep == step * extent {
                merged.0[merged.0.count - 1] *= extent
                merged.1[merged.1.count - 1] = step
            } else {
                merged.0.append(extent)
                merged.1.append(step)
            }
        }
        return merged
    }
}
