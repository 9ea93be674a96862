/// What RWKV-7 makes of each head's output (arXiv:2503.14456, equations 20 to 22):
/// y = (norm(x) ⊙ weight + bias + (Σ r ⊙ k ⊙ bonus) v) ⊙ gate, where norm(x) has mean 0 and variance 1 over the head.
///
/// - Parameters:
///   - x, receptance, key, value: [B, T, H, N]
///   - gate: [B, T, H, N]
///   - weight, bias, bonus: H · N numbers.
///   - epsilon: added to the variance.
/// - Returns: [B, T, H, N]
public func wkv7Readout(
    _ x: Tensor, receptance: Tensor, key: Tensor, value: Tensor, gate: Tensor, weight: Tensor, bias: Tensor,
    bonus: Tensor, epsilon: Double
) -> Tensor {
    let inputs = [x, receptance, key, value, gate, weight, bias, bonus]
    let (heads, size) = (x.extent(-2), x.extent(-1)), width = heads * size
    precondition(
        inputs[..<5].allSatisfy { $0.shape == x.shape } && inputs[5...].allSatisfy { $0.count == width },
        "readout of \(inputs.map(\.shape))")
    let rows = x.count / Swift.max(1, width), rowsInPart = rowsInPiece(width: width)
    let y = Tensor(uninitialized: x.shape, x.scalarType)
    func forward<R: Real>(_: R.Type) {
        Execution.current.inRanges(rows, of: rowsInPart) { range in
            func at(_ index: Int) -> UnsafePointer<R> { inputs[index].input(R.self) + range.lowerBound * width }
            R.wkv7Readout(
                Int64(range.count), Int64(heads), Int64(size), R(epsilon), at(0), at(1), at(2), at(3), at(4),
                weight.input(R.self), bias.input(R.self), bonus.input(R.self),
                y.pointer(R.self) + range.lowerBound * width)
        }
    }
    x.scalarType == .float32 ? forward(Float.self) : forward(Double.self)
    return y.recorded(
        fused: inputs,
        reference: {
            Reference.wkv7Readout(
                $0[0], receptance: $0[1], key: $0[2], value: $0[3], gate: $0[4], weight: $0[5], bias: $0[6],
                bonus: $0[7], epsilon: epsilon)
        }
    ) { dy, into in
        let slopes = (0..<5).map { _ in Tensor(uninitialized: x.shape, x.scalarType) }
        let pieces = (rows + rowsInPart - 1) / rowsInPart
        let parts = (0..<3).map { _ in Tensor.zeros([pieces, width], x.scalarType) }
        func pullBack<R: Real>(_: R.Type) {
            Execution.current.inRanges(rows, of: rowsInPart) { range in
                let start = range.lowerBound * width, part = range.lowerBound / rowsInPart * width
                func at(_ index: Int) -> UnsafePointer<R> { inputs[index].input(R.self) + start }
                func slope(_ index: Int) -> UnsafeMutablePointer<R> { slopes[index].pointer(R.self) + start }
                func sum(_ index: Int) -> UnsafeMutablePointer<R> { parts[index].pointer(R.self) + part }
                R.wkv7ReadoutBackward(
                    Int64(range.count), Int64(heads), Int64(size), R(epsilon), at(0), at(1), at(2), at(3), at(4),
                    weight.input(R.self), bias.input(R.self), bonus.input(R.self), dy.input(R.self) + start, slope(0),
                    slope(1), slope(2), slope(3), slope(4), sum(0), sum(1), sum(2))
            }
        }
        x.scalarType == .float32 ? pullBack(Float.self) : pullBack(Double.self)
        for (index, slope) in slopes.enumerated() { into.add(index, slope) }
        for (index, part) in parts.enumerated() {
            guard let sum = into.accumulator(5 + index, shape: inputs[5 + index].shape, x.scalarType) else { continue }
            addParts(part, to: sum)
        }
    }
}

extension Reference {
    /// See the function `wkv7Readout`.
    public static func wkv7Readout(
        _ x: Tensor, receptance: Tensor, key: Tensor, value: Tensor, gate: Tensor, weight: Tensor, bias: Tensor,
        bonus: Tensor, epsilon: Double
    ) -> Tensor {
        let shape = [x.extent(-2), x.extent(-1)]
        let normal = layerNorm(x, epsilon: epsilon) * weight.reshaped(shape) + bias.reshaped(shape)
        let share = (receptance * key * bonus.reshaped(shape)).sum(axis: -1, keepingAxis: true)
        return (normal + share * value) * gate
    }
}
