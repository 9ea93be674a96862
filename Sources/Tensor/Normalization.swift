/// x / √(mean(x²) + ε) · weight over the last axis (Zhang and Sennrich 2019, arXiv:1910.07467).
///
/// - Parameters:
///   - x: [..., D]
///   - weight: [D]; nil stands for ones.
///   - epsilon: ε
/// - Returns: [..., D]
public func rmsNorm(_ x: Tensor, weight: Tensor? = nil, epsilon: Double) -> Tensor {
    let width = x.extent(-1)
    precondition(weight == nil || weight?.shape == [width], "norm weight \(weight?.shape ?? []) for \(x.shape)")
    let y = Tensor(uninitialized: x.shape, x.scalarType)
    let inverse = Tensor(uninitialized: [x.count / Swift.max(1, width)], x.scalarType)  // 1 / rms of each row
    func forward<R: Real>(_: R.Type) {
        x.inRows { rows, start, width in
            R.rmsNorm(
                Int64(rows.count), width, x.input(R.self) + start, weight?.input(R.self), R(epsilon),
                y.pointer(R.self) + start, inverse.pointer(R.self) + rows.lowerBound)
        }
    }
    x.scalarType == .float32 ? forward(Float.self) : forward(Double.self)
    let arguments = OptionalInputs(x, weight)
    return y.recorded(
        fused: arguments.inputs,
        reference: { Reference.rmsNorm($0[0], weight: arguments.pick(1, $0), epsilon: epsilon) }
    ) { dy, into in
        let dx = Tensor(uninitialized: x.shape, x.scalarType)
        let dweight = RowPartials(of: x, wanted: arguments.index(1).map(into.wants) ?? false)
        func pullBack<R: Real>(_: R.Type) {
            x.inRows { rows, start, width in
                R.rmsNormBackward(
                    Int64(rows.count), width, x.input(R.self) + start, weight?.input(R.self),
                    inverse.input(R.self) + rows.lowerBound, dy.input(R.self) + start, dx.pointer(R.self) + start,
                    dweight?.pointer(R.self, rows))
            }
        }
        x.scalarType == .float32 ? pullBack(Float.self) : pullBack(Double.self)
        into.add(0, dx)
        if let index = arguments.index(1) { dweight?.add(to: index, into) }
    }
}

/// (x − mean) / √(variance + ε) · weight + bias over the last axis (Ba et al. 2016, arXiv:1607.06450).
///
/// - Parameters:
///   - x: [..., D]
///   - weight: [D]; nil stands for ones.
///   - bias: [D]; nil stands for zeros.
///   - epsilon: ε
/// - Returns: [..., D]
public func layerNorm(_ x: Tensor, weight: Tensor? = nil, bias: Tensor? = nil, epsilon: Double) -> Tensor {
    let width = x.extent(-1)
    precondition(weight == nil || weight?.shape == [width], "norm weight \(weight?.shape ?? []) for \(x.shape)")
    precondition(bias == nil || bias?.shape == [width], "norm bias \(bias?.shape ?? []) for \(x.shape)")
    let y = Tensor(uninitialized: x.shape, x.scalarType)
    let mean = Tensor(uninitialized: [x.count / Swift.max(1, width)], x.scalarType)
    let inverse = Tensor(uninitialized: mean.shape, x.scalarType)  // 1 / deviation of each row
    func forward<R: Real>(_: R.Type) {
        x.inRows { rows, start, width in
            R.layerNorm(
                Int64(rows.count), width, x.input(R.self) + start, weight?.input(R.self), bias?.input(R.self),
                R(epsilon),
                y.pointer(R.self) + start, mean.pointer(R.self) + rows.lowerBound,
                inverse.pointer(R.self) + rows.lowerBound)
        }
    }
    x.scalarType == .float32 ? forward(Float.self) : forward(Double.self)
    let arguments = OptionalInputs(x, weight, bias)
    return y.recorded(
        fused: arguments.inputs,
        reference: {
            Reference.layerNorm($0[0], weight: arguments.pick(1, $0), bias: arguments.pick(2, $0), epsilon: epsilon)
        }
    ) { dy, into in
        let dx = Tensor(uninitialized: x.shape, x.scalarType)
        let dweight = RowPartials(of: x, wanted: arguments.index(1).map(into.wants) ?? false)
        let dbias = RowPartials(of: x, wanted: arguments.index(2).map(into.wants) ?? false)
        func pullBack<R: Real>(_: R.Type) {
            x.inRows { rows, start, width in
                R.layerNormBackward(
                    Int64(rows.count), width, x.input(R.self) + start, weight?.input(R.self),
                    mean.input(R.self) + rows.lowerBound, inverse.input(R.self) + rows.lowerBound,
                    dy.input(R.self) + start, dx.pointer(R.self) + start, dweight?.pointer(R.self, rows),
                    dbias?.pointer(R.self, rows))
            }
        }
        x.scalarType == .float32 ? pullBack(Float.self) : pullBack(Double.self)
        into.add(0, dx)
        if let index = arguments.index(1) { dweight?.add(to: index, into) }
        if let index = arguments.index(2) { dbias?.add(to: index, into) }
    }
}

/// A sum over rows of something as wide as the last axis, collected by the pieces of `inRows`, each its own part.
private struct RowPartials {
    private let parts: Tensor  // [pieces, D]
    private let rowsInPart: Int

    init?(of x: Tensor, wanted: Bool) {
        guard wanted else { return nil }
        let width = x.extent(-1)
        rowsInPart = rowsInPiece(width: width)
        let rows = x.count / Swift.max(1, width)
        parts = .zeros([(rows + rowsInPart - 1) / rowsInPart, width], x.scalarType)
    }

    /// The part of the piece that works on `rows`.
    func pointer<R: Real>(_: R.Type, _ rows: Range<Int>) -> UnsafeMutablePointer<R> {
        parts.pointer(R.self) + rows.lowerBound / rowsInPart * parts.shape[1]
    }

    /// Adds the parts, in order, to the gradient of input `index`.
    func add(to index: Int, _ context: GradientContext) {
        guard let sum = context.accumulator(index, shape: [parts.shape[1]], parts.scalarType) else { return }
        addParts(parts, to: sum)
    }
}
