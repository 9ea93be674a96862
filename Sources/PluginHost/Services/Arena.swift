import Glibc

/// One zeroed block of memory, aligned for vector code. Freed with the last reference.
public final class Arena {
    /// As many as were asked for; valid as long as this object. 64-byte aligned, to a huge page from 2 MiB on.
    public let bytes: UnsafeMutableRawBufferPointer

    /// From this size on a block begins at a huge page, which spares most of the address translation.
    private static let hugePage = 2 << 20

    /// Throws `.temporary` when there is not enough memory. `what` names the block in the message.
    public init(byteCount: Int, for what: String) throws {
        let length = max(byteCount, 64)
        let alignment = length >= Arena.hugePage ? Arena.hugePage : 64
        var pointer: UnsafeMutableRawPointer?
        guard byteCount >= 0, posix_memalign(&pointer, alignment, length) == 0, let pointer else {
            throw ZooError(
                .temporary, "not enough memory for \(what): \(byteCount) bytes",
                hint: "use a smaller model, or free memory and try again")
        }
        if alignment == Arena.hugePage { madvise(pointer, length, 14) }  // MADV_HUGEPAGE
        memset(pointer, 0, length)
        bytes = UnsafeMutableRawBufferPointer(start: pointer, count: byteCount)
    }

    deinit { free(bytes.baseAddress) }
}
