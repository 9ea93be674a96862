/// A contiguous row-major array of numbers, and where it came from if derivatives are wanted.
///
/// Values never change once a tensor is made (operations make new tensors), so tensors of different shapes may share one
/// storage. Shapes in this library: B batch, T tokens, D model width, H heads, K key width, V value width or vocabulary,
/// N state size.
public final class Tensor {
    /// Extents of the axes, outermost first; empty for a scalar.
    public let shape: [Int]
    /// How many numbers: the product of `shape` (1 for a scalar, whose shape is empty).
    public let count: Int
    /// What the numbers are.
    public let scalarType: ScalarType
    var storage: Storage
    /// Where the first number is, in bytes from the start of the storage.
    let byteOffset: Int
    /// The vertex of the graph that made this tensor; nil for constants.
    var node: Node?

    init(storage: Storage, byteOffset: Int = 0, shape: [Int], count: Int, type: ScalarType, node: Node? = nil) {
        self.shape = shape
        self.count = count
        self.scalarType = type
        self.storage = storage
        self.byteOffset = byteOffset
        self.node = node
    }

    /// Memory with undefined content, for an operation to fill.
    convenience init(uninitialized shape: [Int], _ type: ScalarType) {
        let execution = Execution.current
        var count = 1
        for extent in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: extent)
            count = overflow ? .max : product
            if overflow { break }
        }
        precondition(shape.allSatisfy { $0 >= 0 }, "negative extent in shape \(shape)")
        let (byteCount, overflow) = count.multipliedReportingOverflow(by: type.byteCount)
        self.init(
            storage: execution.storage(byteCount: overflow ? .max : byteCount), shape: shape, count: count, type: type)
    }

    /// The number of axes.
    public var rank: Int { shape.count }

    /// Whether derivatives with respect to this tensor can be taken. Setting it on a constant makes it a leaf for
    /// `gradients(of:withRespectTo:)`; clearing it cuts the tensor off.
    public var requiresGradient: Bool {
        get { node != nil }
        set {
            if newValue, node == nil { node = Node(gradientMemory: nil) }
            if !newValue { node = nil }
        }
    }

    /// The first number as a scalar of the given kind. Only for use inside `Execution.parallel`.
    func pointer<R: Real>(_: R.Type) -> UnsafeMutablePointer<R> {
        (storage.pointer + byteOffset).assumingMemoryBound(to: R.self)
    }

    func input<R: Real>(_: R.Type) -> UnsafePointer<R> { UnsafePointer(pointer(R.self)) }

    /// The same values under another shape of the same count, starting `elementOffset` numbers further on. Not recorded.
    func view(_ shape: [Int], count: Int? = nil, elementOffset: Int = 0) -> Tensor {
        Tensor(
            storage: storage, byteOffset: byteOffset + elementOffset * scalarType.byteCount, shape: shape,
            count: count ?? self.count, type: scalarType)
    }

    /// The same values, without a past: a constant.
    func detached() -> Tensor { view(shape) }

    /// Extent of an axis; negative axes count from the end.
    public func extent(_ axis: Int) -> Int { shape[normalizedAxis(axis)] }

    func normalizedAxis(_ axis: Int) -> Int {
        let normalized = axis < 0 ? axis + rank : axis
        precondition(shape.indices.contains(normalized), "axis \(axis) of a tensor of shape \(shape)")
        return normalized
    }
}
