/// The kernel of an operation on two tensors of one shape.
protocol Arithmetic {
    static func same<R: Real>(_: R.Type) -> R.Binary
}

/// A commutative operation with kernels for a row against many rows, and for one number against many.
protocol ScalarArithmetic: Arithmetic {
    static func row<R: Real>(_: R.Type) -> R.RowBinary
    static func scalar<R: Real>(_: R.Type) -> R.WithScalar
}

/// The shape to which two shapes broadcast.
private func broadcastShape(_ a: [Int], _ b: [Int]) -> [Int] {
    let rank = max(a.count, b.count)
    let a = [Int](repeating: 1, count: rank - a.count) + a
    let b = [Int](repeating: 1, count: rank - b.count) + b
    return zip(a, b).map { x, y in
        precondition(x == y || x == 1 || y == 1, "shapes \(a) and \(b) do not broadcast")
        return x == 1 ? y : x
    }
}

extension Tensor {
    /// An operation on equal shapes, not recorded.
    static func combine<Kernels: Arithmetic>(_ a: Tensor, _ b: Tensor, _: Kernels.Type) -> Tensor {
        precondition(a.shape == b.shape && a.scalarType == b.scalarType, "\(Kernels.self) of \(a) and \(b)")
        let y = Tensor(uninitialized: a.shape, a.scalarType)
        func combine<R: Real>(_: R.Type) {
            let kernel = Kernels.same(R.self)
            Execution.current.inRanges(a.count, of: elementsInPiece) { range in
                let start = range.lowerBound
                kernel(Int64(range.count), a.input(R.self) + start, b.input(R.self) + start, y.pointer(R.self) + start)
            }
        }
        a.scalarType == .float32 ? combine(Float.self) : combine(Double.self)
        return y
    }

    /// A commutative operation, broadcasting, not recorded.
    static func combine<Kernels: ScalarArithmetic>(_ a: Tensor, _ b: Tensor, _ kernels: Kernels.Type) -> Tensor {
        precondition(a.scalarType == b.scalarType, "\(Kernels.self) of \(a.scalarType) and \(b.scalarType)")
        if a.shape == b.shape { return combineSame(a, b, kernels) }
        let shape = broadcastShape(a.shape, b.shape)
        let (large, small) = a.count >= b.count ? (a.detached(), b.detached()) : (b.detached(), a.detached())
        guard large.count == shape.reduce(1, *) else {
            return combineSame(large.broadcast(to: shape), small.broadcast(to: shape), kernels)
        }
        let groups = broadcastGroups(of: [Int](repeating: 1, count: shape.count - small.rank) + small.shape, in: shape)
        switch groups.map(\.isRepeated) {
        case [true, false]: return large.combined(withRow: small, shape, kernels)
        case [true]: return large.combined(withColumn: small, width: large.count, shape, kernels)
        case [false, true]: return large.combined(withColumn: small, width: groups[1].extent, shape, kernels)
        default: return combineSame(large.view(shape), small.broadcast(to: shape), kernels)
        }
    }

    private static func combineSame<Kernels: Arithmetic>(_ a: Tensor, _ b: Tensor, _ kernels: Kernels.Type) -> Tensor {
        combine(a, b, kernels)
    }

    /// y[r, c] = self[r, c] ∘ row[c]
    private func combined<Kernels: ScalarArithmetic>(withRow row: Tensor, _ shape: [Int], _: Kernels.Type) -> Tensor {
        let y = Tensor(uninitialized: shape, scalarType)
        let width = row.count
        func combine<R: Real>(_: R.Type) {
            let kernel = Kernels.row(R.self)
            Execution.current.inRanges(count / Swift.max(1, width), of: rowsInPiece(width: width)) { range in
                let start = range.lowerBound * width
                kernel(
                    Int64(range.count), Int64(width), input(R.self) + start, row.input(R.self),
                    y.pointer(R.self) + start)
            }
        }
        scalarType == .float32 ? combine(Float.self) : combine(Double.self)
        return y
    }

    /// y[r, c] = self[r, c] ∘ column[r]
    private func combined<Kernels: ScalarArithmetic>(
        withColumn column: Tensor, width: Int, _ shape: [Int], _: Kernels.Type
    ) -> Tensor {
        let y = Tensor(uninitialized: shape, scalarType)
        func combine<R: Real>(_: R.Type) {
            let kernel = Kernels.scalar(R.self)
            Execution.current.inRanges(column.count, of: rowsInPiece(width: width)) { range in
                for row in range {
                    kernel(
                        Int64(width), column.input(R.self)[row], input(R.self) + row * width,
                        y.pointer(R.self) + row * width)
                }
            }
        }
        scalarType == .float32 ? combine(Float.self) : combine(Double.self)
        return y
    }

    /// y = self ∘ value, not recorded.
    func mapped<Kernels: ScalarArithmetic>(_: Kernels.Type, _ value: Double) -> Tensor {
        let y = Tensor(uninitialized: shape, scalarType)
        func map<R: Real>(_: R.Type) {
            let kernel = Kernels.scalar(R.self)
            Execution.current.inRanges(count, of: elementsInPiece) { range in
                let start = range.lowerBound
                kernel(Int64(range.count), R(value), input(R.self) + start, y.pointer(R.self) + start)
            }
        }
        scalarType == .float32 ? map(Float.self) : map(Double.self)
        return y
    }
}
