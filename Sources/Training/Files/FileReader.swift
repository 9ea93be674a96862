import Crypto
import Glibc
import PluginHost

/// An open file, read by position. Files are never mapped: one that shrinks while it is read is an error, not a SIGBUS.
final class FileReader {
    let path: String
    /// Size when it was opened.
    let size: Int
    let modification: FileStamp
    private let descriptor: Int32

    /// Throws `.data` for what is missing, unreadable, a directory or not a regular file. `kind` names it in messages.
    init(_ path: String, kind: String) throws {
        // Without O_NONBLOCK opening a named pipe would wait for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { throw ZooError(.data, "\(kind) \(path) does not exist") }
            throw FileFault(operation: "read", path: path, number: errno).zooError()
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let number = errno
            close(descriptor)
            throw FileFault(operation: "read", path: path, number: number).zooError()
        }
        let type = status.st_mode & S_IFMT
        guard type == S_IFREG else {
            close(descriptor)
            let what = type == S_IFDIR ? "a directory" : "not a regular file"
            throw ZooError(.data, "\(kind) \(path) is \(what)")
        }
        self.path = path
        self.descriptor = descriptor
        size = Int(status.st_size)
        modification = FileStamp(status)
    }

    deinit { close(descriptor) }

    /// Fills `buffer` from `offset` on. Throws `.data` when the file ends before.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws {
        var done = 0
        while done < buffer.count, let base = buffer.baseAddress {
            let count = pread(descriptor, base + done, min(buffer.count - done, 1 << 26), off_t(offset + done))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileFault(operation: "read", path: path, number: errno).zooError() }
            guard count > 0 else {
                throw ZooError(
                    .data, "\(path) ends at offset \(offset + done) while it is being read; it had \(size) bytes")
            }
            done += count
        }
    }

    func bytes(at offset: Int, count: Int) throws -> [UInt8] {
        var result = [UInt8](repeating: 0, count: count)
        try result.withUnsafeMutableBytes { try read(at: offset, into: $0) }
        return result
    }

    /// SHA-256 of the whole file in hexadecimal.
    func sha256() throws -> String {
        var hash = SHA256()
        var offset = 0
        while offset < size {
            let piece = try bytes(at: offset, count: min(size - offset, 1 << 20))
            hash.update(data: piece)
            offset += piece.count
        }
        return hexadecimal(hash.finalize())
    }

    /// All of a small text file; `.data` beyond `limit` bytes.
    static func text(_ path: String, kind: String, limit: Int) throws -> [UInt8] {
        let reader = try FileReader(path, kind: kind)
        guard reader.size <= limit else {
            throw ZooError(.data, "\(kind) \(path) has \(reader.size) bytes; at most \(limit) are read")
        }
        return try reader.bytes(at: 0, count: reader.size)
    }
}
