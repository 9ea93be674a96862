import Glibc

/// A regular file that is read at given offsets. Every read is checked against the size that the file had when it was
/// opened.
final class FileReader {
    let path: String
    let size: UInt64
    let device: UInt64
    let inode: UInt64
    /// Nanoseconds since 1970.
    let modificationTime: Int64
    private let descriptor: Int32

    /// Throws `.plugin` with one clear message when there is no regular, readable file at `path`.
    init(plugin path: String) throws {
        func refuse(_ text: String, hint: String? = nil) -> ZooError {
            ZooError(.plugin, "\(path): \(text)", hint: hint)
        }
        // Not blocking: a named pipe would wait for its writer for ever.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            switch errno {
            case ENOENT, ENOTDIR: throw refuse("no such file", hint: "zoo list names the plugins that were found")
            case EACCES: throw refuse("no permission to read it")
            default: throw refuse(String(cString: strerror(errno)))
            }
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let reason = String(cString: strerror(errno))
            close(descriptor)
            throw refuse(reason)
        }
        let kind = status.st_mode & S_IFMT
        guard kind == S_IFREG, status.st_size >= 0 else {
            close(descriptor)
            throw refuse(
                kind == S_IFDIR ? "is a directory, not a plugin file" : "is not a regular file",
                hint: kind == S_IFDIR ? "--plugins \(path) searches it" : nil)
        }
        self.path = path
        self.descriptor = descriptor
        size = UInt64(status.st_size)
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        modificationTime = Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec)
    }

    deinit { close(descriptor) }

    /// The `count` bytes from `offset` on; nil when the file does not hold them all.
    func bytes(at offset: UInt64, count: Int) -> LittleEndianBytes? {
        guard count >= 0, let length = UInt64(exactly: count) else { return nil }
        let (end, overflow) = offset.addingReportingOverflow(length)
        guard !overflow, end <= size, let start = off_t(exactly: offset) else { return nil }
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialised in
            while initialised < count, let base = buffer.baseAddress {
                let got = pread(descriptor, base + initialised, count - initialised, start + off_t(initialised))
                if got < 0, errno == EINTR { continue }
                guard got > 0 else {
                    failed = true
                    return
                }
                initialised += got
            }
        }
        return failed ? nil : LittleEndianBytes(bytes)
    }
}
