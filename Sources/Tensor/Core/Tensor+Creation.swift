extension Tensor {
    /// All numbers equal to `value`.
    public static func full(_ shape: [Int], _ value: Double, _ type: ScalarType = .float32) -> Tensor {
        let tensor = Tensor(uninitialized: shape, type)
        tensor.fill(value)
        return tensor
    }

    /// All numbers 0.
    public static func zeros(_ shape: [Int], _ type: ScalarType = .float32) -> Tensor { full(shape, 0, type) }
    /// All numbers 1.
    public static func ones(_ shape: [Int], _ type: ScalarType = .float32) -> Tensor { full(shape, 1, type) }

    /// A copy of `values`, converted to `type`, in row-major order.
    public convenience init(_ values: [Double], shape: [Int], type: ScalarType = .float64) {
        self.init(copying: values, shape: shape, type: type)
    }

    /// A copy of `values`, converted to `type`, in row-major order.
    public convenience init(_ values: [Float], shape: [Int], type: ScalarType = .float32) {
        self.init(copying: values, shape: shape, type: type)
    }

    /// A scalar (shape []).
    public convenience init(_ value: Double, type: ScalarType = .float32) {
        self.init(copying: [value], shape: [], type: type)
    }

    /// The caller's memory as a tensor, without a copy: row-major, aligned to its type. It must outlive every tensor
    /// made from it and must not change while anything recorded still needs its values.
    public convenience init(borrowing pointer: UnsafeMutableRawPointer, shape: [Int], type: ScalarType = .float32) {
        let count = shape.reduce(1, *)
        self.init(
            storage: Storage(borrowing: pointer, byteCount: count * type.byteCount), shape: shape, count: count,
            type: type)
    }

    /// A parameter: the caller's `values`, and the memory to which `backward` adds its gradient (`+=`). Without gradient
    /// memory the parameter is a constant.
    public static func leaf(
        borrowing values: UnsafeMutableRawPointer, gradient: UnsafeMutableRawPointer?, shape: [Int],
        type: ScalarType = .float32
    ) -> Tensor {
        let tensor = Tensor(borrowing: values, shape: shape, type: type)
        if let gradient { tensor.node = Node(gradientMemory: Tensor(borrowing: gradient, shape: shape, type: type)) }
        return tensor
    }

    private convenience init<Value: BinaryFloatingPoint>(copying values: [Value], shape: [Int], type: ScalarType) {
        self.init(uninitialized: shape, type)
        precondition(values.count == count || storage.isHollow, "\(values.count) values for shape \(shape)")
        Execution.current.parallel(count: 1) { _ in
            switch type {
            case .float32: for (place, value) in values.enumerated() { pointer(Float.self)[place] = Float(value) }
            case .float64: for (place, value) in values.enumerated() { pointer(Double.self)[place] = Double(value) }
            }
        }
    }

    func fill(_ value: Double) {
        func fill<R: Real>(_: R.Type) {
            Execution.current.inRanges(count, of: elementsInPiece) { range in
                R.fill(Int64(range.count), R(value), pointer(R.self) + range.lowerBound)
            }
        }
        scalarType == .float32 ? fill(Float.self) : fill(Double.self)
    }
}

/// Elementwise work is cut into pieces of this many numbers: large enough to pay for waking a thread, small enough for
/// the pieces to stay in a core's second-level cache.
let elementsInPiece = 32768

/// How many rows of a width make a piece of about that size.
func rowsInPiece(width: Int) -> Int { max(1, elementsInPiece / max(1, width)) }
