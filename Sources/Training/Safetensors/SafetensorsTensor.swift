/// One entry of a safetensors header that has been checked.
public struct SafetensorsTensor: Sendable, Equatable {
    public var name: String
    public var scalar: SafetensorsScalar
    public var shape: [Int]
    /// Where its bytes are, counted from the end of the header.
    public var range: Range<Int>

    /// Number of values.
    public var count: Int { shape.reduce(1, *) }
}
