/// x W + b, a dense layer whose weight is stored input by input, as some checkpoints have it (not Wᵀ as in `linear(_:weight:bias:)`).
///
/// - Parameters:
///   - x: [..., D]
///   - weight: [D, E]
///   - bias: E numbers.
/// - Returns: [..., E]
public func linear(_ x: Tensor, inputMajorWeight weight: Tensor, bias: Tensor? = nil) -> Tensor {
    let (inputWidth, outputWidth) = (weight.shape[0], weight.shape[1])
    precondition(
        weight.rank == 2 && x.extent(-1) == inputWidth && (bias == nil || bias?.count == outputWidth),
        "linear of \(x.shape) by an input-major weight of \(weight.shape), bias \(bias?.shape ?? [])")
    let rows = x.detached().reshaped([x.count / Swift.max(1, inputWidth), inputWidth])
    let y = Tensor(uninitialized: x.shape.dropLast() + [outputWidth], x.scalarType)
    if rows.shape[0] <= 4 {
        y.scalarType == .float32
            ? multiplyByRows(Float.self, rows, weight, bias, into: y)
            : multiplyByRows(Double.self, rows, weight, bias, into: y)
    } else {
        MatrixProduct(rows, weight, false, false).run(into: y, bias: bias)
    }
    return y.recorded(from: [x, weight] + (bias.map { [$0] } ?? [])) { dy, into in
        let dy = dy.reshaped([-1, outputWidth])
        into.addProduct(0, shape: x.shape, dy, weight, transposeB: true)
        into.addProduct(
            1, shape: weight.shape, into.createsGraph ? x.reshaped([-1, inputWidth]) : rows, dy, transposeA: true)
        guard let bias else { return }
        if into.createsGraph {
            into.add(2, dy.sum(axis: 0).reshaped(bias.shape))
        } else if let gradient = into.accumulator(2, shape: bias.shape, dy.scalarType) {
            addRows(of: dy, to: gradient)
        }
    }
}

/// One row at a time: for rows so few that reading the matrix is all the work.
private func multiplyByRows<R: Real>(_: R.Type, _ rows: Tensor, _ weight: Tensor, _ bias: Tensor?, into y: Tensor) {
    let (inputs, outputs) = (weight.shape[0], weight.shape[1])
    let perPiece = Swift.max(64, (1 << 16) / Swift.max(1, inputs) & ~63)
    Execution.current.inRanges(outputs, of: perPiece) { range in
        for row in 0..<rows.shape[0] {
            let y = y.pointer(R.self) + row * outputs + range.lowerBound
            R.rowProduct(
                Int64(inputs), Int64(range.count), rows.input(R.self) + row * inputs,
                weight.input(R.self) + range.lowerBound, Int64(outputs), y)
            if let bias { R.addValues(Int64(range.count), y, bias.input(R.self) + range.lowerBound, y) }
        }
    }
}
