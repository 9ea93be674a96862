/// Memory of a tensor that somebody else owns: compact row-major, 64-byte aligned.
public struct TensorView {
    public var data: UnsafeMutableRawPointer
    public var shape: [Int]
    public var scalar: Scalar

    public init(data: UnsafeMutableRawPointer, shape: [Int], scalar: Scalar) {
        self.data = data
        self.shape = shape
        self.scalar = scalar
    }

    /// Number of values.
    public var count: Int { shape.reduce(1, *) }
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

    public enum Scalar: Sendable, Equatable {
        case float32
        case float64

        public var byteCount: Int { self == .float32 ? 4 : 8 }
    }
}
