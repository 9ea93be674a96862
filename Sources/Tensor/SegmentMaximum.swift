/// The largest value of each column over runs of rows: y[s] = max over the rows `segments[s]` of x; zeros for an empty run.
///
/// The gradient goes in equal shares to all values that reach the maximum (a subgradient); the shares are not derived further.
/// - Parameters:
///   - x: [R, D]
///   - segments: runs of rows that do not overlap, within 0 ..< R.
/// - Returns: [segments.count, D]
public func segmentMaximum(_ x: Tensor, segments: [Range<Int>]) -> Tensor {
    precondition(x.rank == 2, "segments of a tensor of shape \(x.shape)")
    precondition(
        segments.allSatisfy { $0.lowerBound >= 0 && $0.upperBound <= x.shape[0] }, "segments outside of \(x.shape[0]) rows")
    let width = x.shape[1]
    let y = Tensor(uninitialized: [segments.count, width], x.scalarType)
    func forward<R: Real>(_: R.Type) {
        Execution.current.inRanges(segments.count, of: segmentsInPiece(segments, width)) { range in
            for segment in range {
                let target = y.pointer(R.self) + segment * width
                guard let first = segments[segment].first else {
                    target.update(repeating: 0, count: width)
                    continue
                }
                target.update(from: x.input(R.self) + first * width, count: width)
                for row in segments[segment].dropFirst() {
                    let source = x.input(R.self) + row * width
                    for column in 0..<width where source[column] > target[column] { target[column] = source[column] }
                }
            }
        }
    }
    x.scalarType == .float32 ? forward(Float.self) : forward(Double.self)
    return y.recorded(fused: [x], reference: { Reference.segmentMaximum($0[0], segments: segments) }) { dy, into in
        guard let dx = into.accumulator(0, shape: x.shape, x.scalarType) else { return }
        func backward<R: Real>(_: R.Type) {
            Execution.current.inRanges(segments.count, of: segmentsInPiece(segments, width)) { range in
                for segment in range {
                    let (top, slope) = (y.input(R.self) + segment * width, dy.input(R.self) + segment * width)
                    for column in 0..<width {
                        var equals: R = 0
                        for row in segments[segment] where x.input(R.self)[row * width + column] == top[column] { equals += 1 }
                        let share = slope[column] / Swift.max(equals, 1)
                        for row in segments[segment] where x.input(R.self)[row * width + column] == top[column] {
                            dx.pointer(R.self)[row * width + column] += share
                        }
                    }
                }
            }
        }
        x.scalarType == .float32 ? backward(Float.self) : backward(Double.self)
    }
}

/// How many segments of about the usual length make a piece.
private func segmentsInPiece(_ segments: [Range<Int>], _ width: Int) -> Int {
    let rows = segments.reduce(0) { $0 + $1.count }
    return rowsInPiece(width: width * Swift.max(1, rows / Swift.max(1, segments.count)))
}

extension Reference {
    /// See the function `segmentMaximum`.
    public static func segmentMaximum(_ x: Tensor, segments: [Range<Int>]) -> Tensor {
        concatenate(
            segments.map { segment in
                segment.isEmpty
                    ? .zeros([1, x.shape[1]], x.scalarType) : x.sliced(axis: 0, segment).max(axis: 0, keepingAxis: true)
            }, axis: 0)
    }
}
