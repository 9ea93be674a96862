/// One entry of a safetensors header that has been checked.
public struct SafetensorsTensor: Sendable, Equatable {
    /// Unique in the file, at most 1,024 bytes, without control characters and "..".
    public var name: String
    /// Type of the elements; not all can be read as numbers.
    public var scalar: SafetensorsScalar
    /// Sizes, row-major; [] for one value, 0 for an axis without any.
    public var shape: [Int]
    /// Where its bytes are, counted from the end of the header.
    public var range: Range<Int>

    /// Number of values.
    public var count: Int { shape.reduce(1, *) }
}
