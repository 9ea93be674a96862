/// silu(gate) · up, the gated product of feed-forward layers (Shazeer 2020, arXiv:2002.05202).
///
/// - Parameters: two tensors of one shape [..., F].
/// - Returns: [..., F]
public func swiglu(_ gate: Tensor, _ up: Tensor) -> Tensor {
    precondition(gate.shape == up.shape && gate.scalarType == up.scalarType, "swiglu of \(gate.shape) and \(up.shape)")
    let halves = GatedHalves(gate: gate, up: up, offset: 0, width: gate.extent(-1), stride: gate.extent(-1))
    return halves.product(gate.shape).recorded(fused: [gate, up], reference: { Reference.swiglu($0[0], $0[1]) }) {
        dy, into in
        let dgate = Tensor(uninitialized: gate.shape, gate.scalarType)
        let dup = Tensor(uninitialized: gate.shape, gate.scalarType)
        halves.pullBack(dy, dgate, dup)
        into.add(0, dgate)
        into.add(1, dup)
    }
}

/// `swiglu(gate, up)` of the two halves of one projection.
///
/// - Parameter fused: [..., 2F], gate first.
/// - Returns: [..., F]
public func swiglu(_ fused: Tensor) -> Tensor {
    let width = fused.extent(-1) / 2
    precondition(fused.extent(-1) == 2 * width, "swiglu of an odd width, \(fused.shape)")
    let halves = GatedHalves(gate: fused, up: fused, offset: width, width: width, stride: 2 * width)
    return halves.product(fused.shape.dropLast() + [width])
        .recorded(
            fused: [fused],
            reference: {
                Reference.swiglu($0[0].sliced(axis: -1, 0..<width), $0[0].sliced(axis: -1, width..<2 * width))
            }
        ) { dy, into in
            let d = Tensor(uninitialized: fused.shape, fused.scalarType)
            halves.pullBack(dy, d, d)
            into.add(0, d)
        }
}

/// The two factors in memory: rows `stride` apart, the second `offset` numbers behind the start of its tensor.
private struct GatedHalves {
    let gate: Tensor, up: Tensor
    let offset: Int, width: Int, stride: Int

    private func inRows(_ body: (_ rows: Int64, _ source: Int, _ result: Int) -> Void) {
        Execution.current.inRanges(gate.count / Swift.max(1, stride), of: rowsInPiece(width: width)) { range in
            body(Int64(range.count), range.lowerBound * stride, range.lowerBound * width)
        }
    }

    func product(_ shape: [Int]) -> Tensor {
        let y = Tensor(uninitialized: shape, gate.scalarType)
        func forward<R: Real>(_: R.Type) {
            inRows { rows, source, result in
                R.swiglu(
                    rows, Int64(width), gate.input(R.self) + source, up.input(R.self) + source + offset, Int64(stride),
                    y.pointer(R.self) + result, Int64(width))
            }
        }
        gate.scalarType == .float32 ? forward(Float.self) : forward(Double.self)
        return y
    }

    func pullBack(_ dy: Tensor, _ dgate: Tensor, _ dup: Tensor) {
        func pullBack<R: Real>(_: R.Type) {
            inRows { rows, source, result in
                R.swigluBackward(
                    rows, Int64(width), gate.input(R.self) + source, up.input(R.self) + source + offset, Int64(stride),
                    dy.input(R.self) + result, Int64(width), dgate.pointer(R.self) + source,
                    dup.pointer(R.self) + source + offset, Int64(stride))
            }
        }
        gate.scalarType == .float32 ? pullBack(Float.self) : pullBack(Double.self)
    }
}
