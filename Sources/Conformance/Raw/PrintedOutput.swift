import Glibc
import PluginHost

/// Catches what is written to standard output and error until `end`.
final class PrintedOutput {
    private let file: Int32
    private let kept: [Int32]
    private var isOver = false

    /// Throws `ZooError(.temporary)` when there is no file to catch it in.
    init() throws {
        fflush(nil)
        var name = Array("\(getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp")/zoo-check-XXXXXX".utf8CString)
        file = name.withUnsafeMutableBufferPointer { $0.baseAddress.map { mkstemp($0) } ?? -1 }
        guard file >= 0 else { throw ZooError(.temporary, "no temporary file can be made") }
        name.withUnsafeBufferPointer { if let base = $0.baseAddress { unlink(base) } }
        kept = [STDOUT_FILENO, STDERR_FILENO].map { fcntl($0, F_DUPFD_CLOEXEC, 64) }
        dup2(file, STDOUT_FILENO)
        dup2(file, STDERR_FILENO)
    }

    deinit { end() }

    /// Bytes so far, what libraries still hold back left out.
    var byteCount: Int {
        var status = stat()
        return fstat(file, &status) == 0 ? Int(status.st_size) : 0
    }

    /// The same after libraries wrote what they held back.
    var flushedByteCount: Int {
        fflush(nil)
        return byteCount
    }

    /// The beginning of what was printed, on one line.
    var text: String {
        var bytes = [UInt8](repeating: 0, count: 80)
        let count = bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress, 80, 0) }
        let text = String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
        return String(text.map { $0.isNewline ? " " : $0 })
    }

    /// Standard output and error are what they were.
    func end() {
        guard !isOver else { return }
        isOver = true
        fflush(nil)
        for (descriptor, standard) in zip(kept, [STDOUT_FILENO, STDERR_FILENO]) where descriptor >= 0 {
            dup2(descriptor, standard)
            close(descriptor)
        }
        close(file)
    }
}
