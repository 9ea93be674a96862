/// The memory behind one or more tensors: a block of a pool, given back when the last tensor goes, or memory that
/// belongs to somebody else.
public final class Storage: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer
    let byteCount: Int
    private let pool: MemoryPool?

    init(pointer: UnsafeMutableRawPointer, byteCount: Int, pool: MemoryPool) {
        self.pointer = pointer
        self.byteCount = byteCount
        self.pool = pool
    }

    /// Memory of the caller, which must outlive every tensor made from it.
    init(borrowing pointer: UnsafeMutableRawPointer, byteCount: Int) {
        self.pointer = pointer
        self.byteCount = byteCount
        pool = nil
    }

    /// What tensors stand on after an execution has failed (see `Execution.run`): an address that nobody reads or writes.
    static let hollow = Storage(borrowing: .allocate(byteCount: 64, alignment: 64), byteCount: 0)

    var isHollow: Bool { self === Storage.hollow }
    /// Whether the memory is the library's to overwrite.
    var isOwned: Bool { pool != nil }

    deinit { pool?.free(pointer, byteCount) }
}
