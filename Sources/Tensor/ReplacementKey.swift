/// key · (1 + (rate − 1) · share), the key that RWKV-7 writes with (arXiv:2503.14456, equation 7).
///
/// - Parameters:
///   - key, rate: two tensors of one shape [..., D].
///   - share: D numbers.
public func replacementKey(_ key: Tensor, rate: Tensor, share: Tensor) -> Tensor {
    let width = key.extent(-1)
    precondition(
        rate.shape == key.shape && share.count == width, "replacement key of \(key.shape), \(rate.shape), \(share.shape)")
    let y = Tensor(uninitialized: key.shape, key.scalarType)
    func forward<R: Real>(_: R.Type) {
        key.inRows { rows, start, width in
            R.replacementKey(
                Int64(rows.count), width, key.input(R.self) + start, rate.input(R.self) + start, share.input(R.self),
                y.pointer(R.self) + start)
        }
    }
    y.scalarType == .float32 ? forward(Float.self) : forward(Double.self)
    return y.recorded(
        fused: [key, rate, share], reference: { $0[0] * (1 + ($0[1] - 1) * $0[2].reshaped([width])) }
    ) { dy, into in
        let dkey = Tensor(uninitialized: key.shape, key.scalarType)
        let drate = Tensor(uninitialized: key.shape, key.scalarType)
        let rowsInPart = rowsInPiece(width: width), rows = key.count / Swift.max(1, width)
        let parts = Tensor.zeros([(rows + rowsInPart - 1) / rowsInPart, width], key.scalarType)
        func pullBack<R: Real>(_: R.Type) {
            key.inRows { rows, start, width in
                R.replacementKeyBackward(
                    Int64(rows.count), width, key.input(R.self) + start, rate.input(R.self) + start,
                    share.input(R.self), dy.input(R.self) + start, dkey.pointer(R.self) + start,
                    drate.pointer(R.self) + start, parts.pointer(R.self) + rows.lowerBound / rowsInPart * Int(width))
            }
        }
        key.scalarType == .float32 ? pullBack(Float.self) : pullBack(Double.self)
        into.add(0, dkey)
        into.add(1, drate)
        if let sum = into.accumulator(2, shape: share.shape, key.scalarType) { addParts(parts, to: sum) }
    }
}
