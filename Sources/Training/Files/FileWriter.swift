import Crypto
import Glibc

/// A file that is being written: buffers small pieces, survives short writes and hashes what passes through.
public struct FileWriter {
    let descriptor: Int32
    let path: String
    let files: any FileOperations
    /// Bytes given so far.
    public private(set) var byteCount = 0
    private var hash = SHA256()
    private var buffer: [UInt8] = []
    private static let bufferLimit = 1 << 16

    init(descriptor: Int32, path: String, files: any FileOperations) {
        self.descriptor = descriptor
        self.path = path
        self.files = files
    }

    /// SHA-256 of all bytes given so far, in hexadecimal.
    public var sha256: String { hexadecimal(hash.finalize()) }

    /// Adds `bytes` to the file and to the hash. Up to 64 KiB stay in the buffer until more come or the file is finished.
    ///
    /// - Throws: `FileFault`, also for bytes of earlier calls that were still in the buffer.
    public mutating func write(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try write($0) }
    }

    /// The same for borrowed memory, which is read before the call returns.
    public mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
        hash.update(bufferPointer: bytes)
        byteCount += bytes.count
        if buffer.count + bytes.count <= FileWriter.bufferLimit {
            buffer.append(contentsOf: bytes)
            return
        }
        try flush()
        try writeAll(bytes)
    }

    mutating func flush() throws {
        try buffer.withUnsafeBytes { try writeAll($0) }
        buffer.removeAll(keepingCapacity: true)
    }

    private func writeAll(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        while !rest.isEmpty {
            // At most 64 MiB at once, so that a signal is looked at and no system limit on one call is met.
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 26))
            let written = try files.write(descriptor, piece, path: path)
            guard written > 0 else { throw FileFault(operation: "write", path: path, number: EIO) }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
        }
    }
}

/// Lower-case hexadecimal digits.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    var text = ""
    for byte in bytes {
        text += byte < 16 ? "0" : ""
        text += String(byte, radix: 16)
    }
    return text
}
