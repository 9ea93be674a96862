/// value + (first − value) · sigmoid(gate): RWKV-7's way back to the first layer's values (arXiv:2503.14456, equation 9).
///
/// - Parameters: three tensors of one shape.
public func valueResidual(_ value: Tensor, first: Tensor, gate: Tensor) -> Tensor {
    precondition(
        first.shape == value.shape && gate.shape == value.shape,
        "value residual of \(value.shape), \(first.shape), gate \(gate.shape)")
    let y = Tensor(uninitialized: value.shape, value.scalarType)
    func forward<R: Real>(_: R.Type) {
        Execution.current.inRanges(y.count, of: elementsInPiece) { range in
            let start = range.lowerBound
            R.valueResidual(
                Int64(range.count), value.input(R.self) + start, first.input(R.self) + start,
                gate.input(R.self) + start, y.pointer(R.self) + start)
        }
    }
    y.scalarType == .float32 ? forward(Float.self) : forward(Double.self)
    return y.recorded(
        fused: [value, first, gate], reference: { $0[0] + ($0[1] - $0[0]) * $0[2].sigmoid() }
    ) { dy, into in
        let slopes = (0..<3).map { _ in Tensor(uninitialized: value.shape, value.scalarType) }
        func pullBack<R: Real>(_: R.Type) {
            Execution.current.inRanges(value.count, of: elementsInPiece) { range in
                let start = range.lowerBound
                R.valueResidualBackward(
                    Int64(range.count), value.input(R.self) + start, first.input(R.self) + start,
                    gate.input(R.self) + start, dy.input(R.self) + start, slopes[0].pointer(R.self) + start,
                    slopes[1].pointer(R.self) + start, slopes[2].pointer(R.self) + start)
            }
        }
        value.scalarType == .float32 ? pullBack(Float.self) : pullBack(Double.self)
        for (index, slope) in slopes.enumerated() { into.add(index, slope) }
    }
}
