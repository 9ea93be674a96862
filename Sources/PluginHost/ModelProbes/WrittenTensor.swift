import SequenceModel

/// Memory that a probe writes to, float64, with a guard behind it.
struct WrittenTensor {
    let view: TensorView
    private let arena: Arena
    private static let guardBytes = 64
    private static let guardByte: UInt8 = 0xA5

    /// Filled with NaN, so that what a probe forgets shows. Throws `.resourceExhausted` when there is no memory.
    init(_ output: ProbeOutput, of probe: String) throws {
        let byteCount = output.count * 8
        do {
            arena = try Arena(byteCount: byteCount + WrittenTensor.guardBytes, for: "the values of probe \(probe)")
        } catch let error as ZooError { throw SequenceModelError(.resourceExhausted, error.message) }
        guard let base = arena.bytes.baseAddress else {
            throw SequenceModelError(.resourceExhausted, "no memory for the values of probe \(probe)")
        }
        view = TensorView(data: base, shape: output.extents, scalar: .float64)
        view.write([Double](repeating: .nan, count: output.count))
        for index in byteCount ..< arena.bytes.count { arena.bytes[index] = WrittenTensor.guardByte }
    }

    /// Whether nothing was written behind the tensor.
    var isIntact: Bool { arena.bytes[view.byteCount...].allSatisfy { $0 == WrittenTensor.guardByte } }

    var values: [Double] { view.doubles.map(Array.init) ?? [] }
}
