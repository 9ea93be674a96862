internal import Layers
internal import Tensor

/// A hash of some values of each parameter: enough to notice that a saved state meets other weights.
func fingerprint(of parameters: [Parameter]) -> UInt64 {
    let samples = 61
    var hash: UInt64 = 0
    for parameter in parameters where parameter.isBound && parameter.tiedTo == nil {
        let values = parameter.tensor
        let stride = max(1, values.count / samples)
        func sample(_ bytes: UnsafeRawBufferPointer, _ width: Int) {
            for index in Swift.stride(from: 0, to: values.count, by: stride) {
                hash = checksum(bytes[index * width ..< (index + 1) * width], seed: hash)
            }
        }
        switch values.scalarType {
        case .float32: values.withFloats { sample(UnsafeRawBufferPointer($0), 4) }
        case .float64: values.withDoubles { sample(UnsafeRawBufferPointer($0), 8) }
        }
    }
    return hash
}
