/// Bytes from which little-endian numbers are read. Offsets are the caller's own constants inside a record that was
/// read whole.
struct LittleEndianBytes {
    let bytes: [UInt8]
    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var count: Int { bytes.count }

    func number<Value: FixedWidthInteger>(_ type: Value.Type = Value.self, at offset: Int) -> Value {
        precondition(offset >= 0 && offset <= bytes.count - MemoryLayout<Value>.size, "LittleEndianBytes: \(offset)")
        return bytes.withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Value.self)) }
    }
}
