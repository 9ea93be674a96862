/// Softmax and its relatives over the last axis.
extension Tensor {
    /// eˣ / Σ eˣ over the last axis.
    public func softmax() -> Tensor {
        let y = Tensor(uninitialized: shape, scalarType)
        func softmax<R: Real>(_: R.Type) {
            inRows { range, start, width in
                R.softmax(Int64(range.count), width, input(R.self) + start, y.pointer(R.self) + start)
            }
        }
        scalarType == .float32 ? softmax(Float.self) : softmax(Double.self)
        return y.recorded(from: [self]) { dy, into in
            if into.createsGraph {
                let y = into.output(y)
                into.add(0, y * (dy - (y * dy).sum(axis: -1, keepingAxis: true)))
            } else {
                into.add(0, y.softmaxPulledBack(dy))
            }
        }
    }

    /// x − ln Σ eˣ over the last axis.
    public func logSoftmax() -> Tensor { self - logSumExp() }

    /// ln Σ eˣ over the last axis, which stays with extent 1.
    public func logSumExp() -> Tensor {
        let y = Tensor(uninitialized: shape.dropLast() + [1], scalarType)
        func logSumExp<R: Real>(_: R.Type) {
            inRows { range, start, width in
                R.logSumExp(Int64(range.count), width, input(R.self) + start, y.pointer(R.self) + range.lowerBound)
            }
        }
        scalarType == .float32 ? logSumExp(Float.self) : logSumExp(Double.self)
        return y.recorded(from: [self]) { [self] dy, into in into.add(0, softmax() * dy) }
    }

    /// y (dy − Σ y dy) for y = self.
    private func softmaxPulledBack(_ dy: Tensor) -> Tensor {
        let dx = Tensor(uninitialized: shape, scalarType)
        func pullBack<R: Real>(_: R.Type) {
            inRows { range, start, width in
                R.softmaxBackward(
                    Int64(range.count), width, input(R.self) + start, dy.input(R.self) + start,
                    dx.pointer(R.self) + start)
            }
        }
        scalarType == .float32 ? pullBack(Float.self) : pullBack(Double.self)
        return dx
    }

    /// Pieces of whole rows of the last axis: the rows, where they start, and the width.
    func inRows(_ body: (_ rows: Range<Int>, _ start: Int, _ width: Int64) -> Void) {
        let width = extent(-1)
        Execution.current.inRanges(count / Swift.max(1, width), of: rowsInPiece(width: width)) { range in
            body(range, range.lowerBound * width, Int64(width))
        }
    }
}
