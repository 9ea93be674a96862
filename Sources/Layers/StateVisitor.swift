internal import SequenceModel
public import Tensor

/// Goes over the parts of a `ModelState`: to copy them, to count or write their bytes, or to read them back.
public final class StateVisitor {
    private enum Purpose { case copy, protect, count, write, read }
    private let purpose: Purpose
    /// Bytes seen or written.
    public private(set) var byteCount = 0
    /// What a writer wrote.
    public private(set) var bytes: [UInt8] = []
    private var position = 0

    private init(_ purpose: Purpose, _ bytes: [UInt8] = []) {
        self.purpose = purpose
        self.bytes = bytes
    }

    /// Makes a state that lives on beside the original, each free to read other text.
    public static func copier() -> StateVisitor { StateVisitor(.copy) }
    /// Makes a state that may read up to `KeyValueCache.longestAppend` tokens and then be thrown away, leaving the original as it was.
    public static func protector() -> StateVisitor { StateVisitor(.protect) }
    /// Counts the bytes that `writer` would write.
    public static func counter() -> StateVisitor { StateVisitor(.count) }
    /// Writes all parts, one after the other, as `bytes`.
    public static func writer() -> StateVisitor { StateVisitor(.write) }
    /// Reads what `writer` wrote. Visits throw `.dataLoss` when it does not fit.
    public static func reader(_ bytes: [UInt8]) -> StateVisitor { StateVisitor(.read, bytes) }

    /// Made by `copier`.
    public var isCopying: Bool { purpose == .copy }
    /// Made by `protector`.
    public var isProtecting: Bool { purpose == .protect }
    /// Made by `reader`.
    public var isReading: Bool { purpose == .read }

    /// Throws `.dataLoss` unless everything was read.
    public func finishReading() throws {
        guard position == bytes.count else {
            throw SequenceModelError(.dataLoss, "the saved state has \(bytes.count - position) bytes too many")
        }
    }

    /// A tensor whose shape does not change; a reader replaces it. Its values never change while anybody else holds it, so copies
    /// share it. Throws `.dataLoss` when the bytes end.
    public func visit(_ tensor: inout Tensor) throws {
        let size = tensor.count * tensor.scalarType.byteCount
        switch purpose {
        case .copy, .protect: break
        case .count: byteCount += size
        case .write: tensor.withBytes { write($0) }
        case .read:
            let part = try take(size)
            tensor = part.withUnsafeBytes { Tensor(bytes: $0, shape: tensor.shape, type: tensor.scalarType) }
        }
    }

    /// A number, 8 bytes. Throws `.dataLoss` when the bytes end.
    public func visit(_ value: inout Int) throws {
        switch purpose {
        case .copy, .protect: break
        case .count: byteCount += 8
        case .write: withUnsafeBytes(of: Int64(value).littleEndian) { write($0) }
        case .read:
            let part = try take(8)
            let bits = part.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            value = Int(Int64(bitPattern: bits))
        }
    }

    /// Memory of `count` bytes that the visited part owns: `body` is called with it to count, write or fill.
    func visitMemory(_ memory: UnsafeMutableRawBufferPointer) throws {
        switch purpose {
        case .copy, .protect: break
        case .count: byteCount += memory.count
        case .write: write(UnsafeRawBufferPointer(memory))
        case .read: memory.copyBytes(from: try take(memory.count))
        }
    }

    /// Bytes still unread.
    public var remaining: Int { bytes.count - position }

    private func write(_ source: UnsafeRawBufferPointer) {
        byteCount += source.count
        bytes.append(contentsOf: source)
    }

    private func take(_ count: Int) throws -> ArraySlice<UInt8> {
        guard count <= remaining else {
            throw SequenceModelError(.dataLoss, "the saved state ends after \(bytes.count) bytes; \(count - remaining) more were expected")
        }
        defer { position += count }
        return bytes[position ..< position + count]
    }
}

extension Tensor {
    /// The memory of the values.
    func withBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
        switch scalarType {
        case .float32: withFloats { body(UnsafeRawBufferPointer($0)) }
        case .float64: withDoubles { body(UnsafeRawBufferPointer($0)) }
        }
    }

    /// Values out of bytes that `withBytes` gave; their number must fit.
    convenience init(bytes: UnsafeRawBufferPointer, shape: [Int], type: ScalarType) {
        switch type {
        case .float32:
            let values = [Float](unsafeUninitializedCapacity: bytes.count / 4) { buffer, count in
                UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
                count = bytes.count / 4
            }
            self.init(values, shape: shape, type: type)
        case .float64:
            let values = [Double](unsafeUninitializedCapacity: bytes.count / 8) { buffer, count in
                UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
                count = bytes.count / 8
            }
            self.init(values, shape: shape, type: type)
        }
    }
}
