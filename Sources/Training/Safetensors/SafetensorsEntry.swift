/// A tensor to be written: its description and its bytes, little-endian and row-major.
public struct SafetensorsEntry {
    /// Unique in the file and not `__metadata__`, which the format keeps for itself.
    public var name: String
    /// Type of the elements of `bytes`.
    public var scalar: SafetensorsScalar
    /// Sizes, row-major; [] for one value.
    public var shape: [Int]
    /// Borrowed: valid until the file is written.
    public var bytes: UnsafeRawBufferPointer

    /// `bytes` has as many as `shape` and `scalar` need; `SafetensorsWriter` refuses anything else.
    public init(name: String, scalar: SafetensorsScalar, shape: [Int], bytes: UnsafeRawBufferPointer) {
        self.name = name
        self.scalar = scalar
        self.shape = shape
        self.bytes = bytes
    }
}
