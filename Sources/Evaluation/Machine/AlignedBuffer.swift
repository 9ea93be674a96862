/// Float32 scratch of a measurement, 64-byte aligned, freed with its last reference.
final class AlignedBuffer {
    let base: UnsafeMutablePointer<Float>
    let count: Int

    init(_ count: Int, filledWith value: Float) {
        self.count = count
        base = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * 4, alignment: 64)
            .bindMemory(to: Float.self, capacity: max(count, 1))
        base.initialize(repeating: value, count: count)
    }

    /// Deterministic values in −1 ..< 1.
    convenience init(_ count: Int, seed: UInt32) {
        self.init(count, filledWith: 0)
        var state = seed | 1
        for index in 0 ..< count {
            state = state &* 1_664_525 &+ 1_013_904_223
            base[index] = Float(Int32(bitPattern: state)) * 0x1p-31
        }
    }

    deinit { UnsafeMutableRawPointer(base).deallocate() }
}
