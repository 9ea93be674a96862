/// What the library does to memory that nobody else can see. Never recorded.
extension Tensor {
    /// Whether nothing else refers to the tensor or to its memory, so that it may be overwritten.
    static func isExclusive(_ tensor: inout Tensor) -> Bool {
        isKnownUniquelyReferenced(&tensor) && isKnownUniquelyReferenced(&tensor.storage) && tensor.storage.isOwned
    }

    /// self += factor * other
    func addInPlace(_ other: Tensor, factor: Double = 1) {
        precondition(count == other.count && scalarType == other.scalarType, "\(self) += \(other)")
        func add<R: Real>(_: R.Type) {
            Execution.current.inRanges(count, of: elementsInPiece) { range in
                let start = range.lowerBound
                R.accumulate(Int64(range.count), R(factor), other.input(R.self) + start, pointer(R.self) + start)
            }
        }
        scalarType == .float32 ? add(Float.self) : add(Double.self)
    }

    /// The same values in memory of its own.
    func copied() -> Tensor {
        let copy = Tensor(uninitialized: shape, scalarType)
        self.copy(to: copy)
        return copy
    }

    /// Writes the values to another tensor of as many.
    func copy(to other: Tensor) {
        precondition(count == other.count && scalarType == other.scalarType, "\(self) copied to \(other)")
        let size = scalarType.byteCount
        Execution.current.inRanges(count, of: elementsInPiece) { range in
            let start = range.lowerBound * size
            (other.storage.pointer + other.byteOffset + start).copyMemory(
                from: storage.pointer + byteOffset + start, byteCount: range.count * size)
        }
    }
}
