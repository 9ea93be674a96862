/// sigmoid(gate) · x.
///
/// - Parameters: two tensors of one shape.
public func sigmoidGated(_ x: Tensor, by gate: Tensor) -> Tensor {
    precondition(gate.shape == x.shape && gate.scalarType == x.scalarType, "gate \(gate.shape) of \(x.shape)")
    let y = Tensor(uninitialized: x.shape, x.scalarType)
    func forward<R: Real>(_: R.Type) {
        Execution.current.inRanges(x.count, of: elementsInPiece) { range in
            let start = range.lowerBound
            R.sigmoidGate(
                Int64(range.count), gate.input(R.self) + start, x.input(R.self) + start, y.pointer(R.self) + start)
        }
    }
    x.scalarType == .float32 ? forward(Float.self) : forward(Double.self)
    return y.recorded(fused: [x, gate], reference: { $0[1].sigmoid() * $0[0] }) { dy, into in
        let dx = Tensor(uninitialized: x.shape, x.scalarType), dgate = Tensor(uninitialized: x.shape, x.scalarType)
        func pullBack<R: Real>(_: R.Type) {
            Execution.current.inRanges(x.count, of: elementsInPiece) { range in
                let start = range.lowerBound
                R.sigmoidGateBackward(
                    Int64(range.count), gate.input(R.self) + start, x.input(R.self) + start, dy.input(R.self) + start,
                    dgate.pointer(R.self) + start, dx.pointer(R.self) + start)
            }
        }
        x.scalarType == .float32 ? pullBack(Float.self) : pullBack(Double.self)
        into.add(0, dx)
        into.add(1, dgate)
    }
}
