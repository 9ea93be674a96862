extension Tensor {
    /// All values, row-major. NaN when the execution has failed.
    public func toArray() -> [Double] {
        guard !storage.isHollow else { return [Double](repeating: .nan, count: count) }
        func values<R: Real>(_: R.Type) -> [Double] {
            withExtendedLifetime(self) { UnsafeBufferPointer(start: input(R.self), count: count).map { Double($0) } }
        }
        return scalarType == .float32 ? values(Float.self) : values(Double.self)
    }

    /// The value of a tensor with one number. NaN when the execution has failed.
    public var item: Double {
        precondition(count == 1, "item of a tensor of shape \(shape)")
        guard !storage.isHollow else { return .nan }
        return withExtendedLifetime(self) {
            scalarType == .float32 ? Double(input(Float.self).pointee) : input(Double.self).pointee
        }
    }

    /// Calls `body` with the values of a float32 tensor in place, row-major; the buffer is valid during the call. The
    /// values are NaN when the execution has failed.
    public func withFloats<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows -> Result {
        try withValues(Float.self, .float32, body)
    }

    /// As `withFloats`, for a float64 tensor.
    public func withDoubles<Result>(_ body: (UnsafeBufferPointer<Double>) throws -> Result) rethrows -> Result {
        try withValues(Double.self, .float64, body)
    }

    private func withValues<R: Real, Result>(
        _: R.Type, _ type: ScalarType, _ body: (UnsafeBufferPointer<R>) throws -> Result
    ) rethrows -> Result {
        precondition(scalarType == type, "values of a tensor of \(scalarType) read as \(type)")
        guard !storage.isHollow else { return try [R](repeating: .nan, count: count).withUnsafeBufferPointer(body) }
        return try withExtendedLifetime(self) {
            try body(UnsafeBufferPointer(start: input(R.self), count: count))
        }
    }
}

extension Tensor: CustomStringConvertible {
    /// Shape and type, and the values of a small tensor.
    public var description: String {
        "Tensor\(shape) \(scalarType)" + (count <= 16 ? " \(toArray())" : "")
    }
}
