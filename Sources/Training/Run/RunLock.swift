import Glibc
import PluginHost

/// Keeps two processes from working in one run directory. The system lets go of it when the process ends, however it ends:
/// a lock is never stale.
final class RunLock {
    private let descriptor: Int32

    /// - Throws: `ZooError(.temporary)` that names the process which holds it.
    init(_ path: String) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw FileFault(operation: "create", path: path, number: errno).zooError() }
        // A process that was killed may be a moment in going.
        var attempts = 25
        var isHeld = flock(descriptor, LOCK_EX | LOCK_NB) == 0
        while !isHeld, attempts > 0 {
            usleep(20_000)
            attempts -= 1
            isHeld = flock(descriptor, LOCK_EX | LOCK_NB) == 0
        }
        guard isHeld else {
            var buffer = [UInt8](repeating: 0, count: 256)
            let count = max(read(descriptor, &buffer, buffer.count), 0)
            close(descriptor)
            let holder = String(decoding: buffer.prefix(count).prefix { $0 >= 0x20 && $0 < 0x7F }, as: UTF8.self)
            throw ZooError(
                .temporary,
                "\(AtomicFile.directory(of: path)) is in use by \(holder.isEmpty ? "another process" : holder)",
                hint: "wait for it to end, or use another folder")
        }
        self.descriptor = descriptor
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        let host = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let text = Array("process \(getpid()) on \(host)\n".utf8)
        // For people only: it does not matter when the disk is full.
        if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, text, text.count, 0) }
    }

    deinit { close(descriptor) }
}
