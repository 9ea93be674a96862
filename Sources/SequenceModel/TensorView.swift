/// Memory of a tensor that somebody else owns: compact row-major, 64-byte aligned.
public struct TensorView {
    /// The first value.
    public var data: UnsafeMutableRawPointer
    /// Sizes, row-major; [] for a scalar.
    public var shape: [Int]
    /// What the values are.
    public var scalar: Scalar

    /// Takes the caller's word for all three.
    public init(data: UnsafeMutableRawPointer, shape: [Int], scalar: Scalar) {
        self.data = data
        self.shape = shape
        self.scalar = scalar
    }

    /// Number of values.
    public var count: Int { shape.reduce(1, *) }
    /// Bytes of all values.
    public var byteCount: Int { count * scalar.byteCount }

    /// The values, when they are float32.
    public var floats: UnsafeMutableBufferPointer<Float>? {
        scalar == .float32
            ? UnsafeMutableBufferPointer(start: data.assumingMemoryBound(to: Float.self), count: count) : nil
    }

    /// The values, when they are float64.
    public var doubles: UnsafeMutableBufferPointer<Double>? {
        scalar == .float64
            ? UnsafeMutableBufferPointer(start: data.assumingMemoryBound(to: Double.self), count: count) : nil
    }

    /// Writes `values` in either scalar type; counts must agree.
    public func write(_ values: [Double]) {
        precondition(values.count == count, "TensorView.write: \(values.count) values for \(count) places")
        if let floats {
            for (index, value) in values.enumerated() { floats[index] = Float(value) }
        } else if let doubles {
            for (index, value) in values.enumerated() { doubles[index] = value }
        }
    }

    /// Types of values.
    public enum Scalar: Sendable, Equatable {
        /// IEEE 754, 4 bytes.
        case float32
        /// IEEE 754, 8 bytes.
        case float64

        /// Bytes of one value.
        public var byteCount: Int { self == .float32 ? 4 : 8 }
    }
}
