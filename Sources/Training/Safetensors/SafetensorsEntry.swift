/// A tensor to be written: its description and its bytes, little-endian and row-major.
public struct SafetensorsEntry {
    public var name: String
    public var scalar: SafetensorsScalar
    public var shape: [Int]
    /// Borrowed: valid until the file is written.
    public var bytes: UnsafeRawBufferPointer

    public init(name: String, scalar: SafetensorsScalar, shape: [Int], bytes: UnsafeRawBufferPointer) {
        self.name = name
        self.scalar = scalar
        self.shape = shape
        self.bytes = bytes
    }
}
