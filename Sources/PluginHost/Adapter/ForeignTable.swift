import Glibc

/// Copies of structs that a plugin owns and that may be shorter or longer than ours.
enum ForeignTable {
    /// No table of this contract comes near: a larger size is a field that holds something else.
    static let maximumSize = 1 << 16

    /// A copy of the table at `source`, whose `size` its owner states: zero past that size, whole slots only.
    static func copy<Table>(_ source: UnsafeRawPointer, size: UInt32, as type: Table.Type) -> Table {
        let storage = UnsafeMutablePointer<Table>.allocate(capacity: 1)
        defer { storage.deallocate() }
        // Imported C structs are trivial: all-zero bytes are a valid value with null pointers.
        memset(storage, 0, MemoryLayout<Table>.size)
        memcpy(storage, source, min(Int(size) & ~7, MemoryLayout<Table>.size))
        return storage.pointee
    }

    /// A copy of an extension's table, which begins with its size; nil when `source` is nil. `what` names it in the
    /// error.
    static func copyExtension<Table>(_ source: UnsafeRawPointer?, as type: Table.Type, what: String) throws -> Table? {
        guard let source else { return nil }
        guard UInt(bitPattern: source) % 8 == 0 else {
            throw ForeignFault("the table of \(what) is not aligned to 8 bytes")
        }
        let size = source.load(as: UInt32.self)
        guard size >= 16, size <= maximumSize else {
            throw ForeignFault("the table of \(what) has struct_size \(size); allowed: 16 to \(maximumSize)")
        }
        return copy(source, size: size, as: type)
    }
}
