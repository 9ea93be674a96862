/// A function of one number: its kernel, the kernel dx = f'(x) dy of its derivative, and the derivative in tensor
/// operations, for when it is to be derived again.
protocol UnaryFunction {
    static func values<R: Real>(_: R.Type) -> R.Unary
    static func backward<R: Real>(_: R.Type) -> R.Binary
    static func derivative(at x: Tensor) -> Tensor
}

extension Tensor {
    func applying<F: UnaryFunction>(_ function: F.Type) -> Tensor {
        let y = Tensor(uninitialized: shape, scalarType)
        func apply<R: Real>(_: R.Type) {
            let kernel = F.values(R.self)
            Execution.current.inRanges(count, of: elementsInPiece) { range in
                kernel(Int64(range.count), input(R.self) + range.lowerBound, y.pointer(R.self) + range.lowerBound)
            }
        }
        scalarType == .float32 ? apply(Float.self) : apply(Double.self)
        return y.recorded(from: [self]) { [self] dy, into in
            into.add(0, into.createsGraph ? dy * F.derivative(at: self) : pulledBack(dy, function))
        }
    }

    /// f'(self) · dy, not recorded.
    func pulledBack<F: UnaryFunction>(_ dy: Tensor, _: F.Type) -> Tensor {
        let dx = Tensor(uninitialized: shape, scalarType)
        func pullBack<R: Real>(_: R.Type) {
            let kernel = F.backward(R.self)
            Execution.current.inRanges(count, of: elementsInPiece) { range in
                let start = range.lowerBound
                kernel(Int64(range.count), input(R.self) + start, dy.input(R.self) + start, dx.pointer(R.self) + start)
            }
        }
        scalarType == .float32 ? pullBack(Float.self) : pullBack(Double.self)
        return dx
    }
}
