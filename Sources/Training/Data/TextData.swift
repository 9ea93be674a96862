import Crypto
import Glibc
import PluginHost

/// All the bytes that a run learns from and is judged by, in memory.
///
/// Several files are laid one after another, sorted by path, with nothing between them.
public struct TextData: Sendable {
    /// The text as it stands in the files: nothing is decoded, normalised or added.
    public let bytes: [UInt8]
    /// Where they come from; empty for text that was made.
    public let files: [DataFile]
    /// What to call it in messages and reports.
    public let name: String
    /// SHA-256 of all bytes, in hexadecimal.
    public let sha256: String

    /// Text that comes from no file: `files` is empty and `checkUnchanged` never throws.
    ///
    /// - Complexity: O(bytes), for the hash.
    public init(_ bytes: [UInt8], name: String) {
        self.init(bytes, files: [], name: name)
    }

    private init(_ bytes: [UInt8], files: [DataFile], name: String) {
        self.bytes = bytes
        self.files = files
        self.name = name
        sha256 = hexadecimal(SHA256.hash(data: bytes))
    }

    /// Reads files, folders (with all below them) and patterns.
    ///
    /// - Throws: `ZooError(.data)` for what is missing, empty, unreadable or changes while it is read; `.temporary` for more than
    ///   half of the machine's memory.
    /// - Complexity: O(bytes); they are read into memory, never mapped, so that a file that changes later does no harm.
    public static func load(_ names: [String]) throws -> TextData {
        let paths = try DataPaths.files(names)
        guard !paths.isEmpty else {
            throw ZooError(.data, "there is no data file with anything in it in \(names.joined(separator: ", "))")
        }
        let readers = try paths.map { try FileReader($0, kind: "data file") }
        for reader in readers where reader.size == 0 { throw ZooError(.data, "data file \(reader.path) is empty") }
        let limit = Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE))) / 2
        let total = readers.reduce(0) { $0.addingReportingOverflow($1.size).partialValue }
        guard total >= 0, total <= limit else {
            throw ZooError(
                .temporary,
                "the data have \(total) bytes; data are kept in memory and may take half of this machine's, \(limit) bytes")
        }
        var bytes = [UInt8](repeating: 0, count: total)
        try bytes.withUnsafeMutableBytes { buffer in
            var offset = 0
            for reader in readers {
                try reader.read(
                    at: 0, into: UnsafeMutableRawBufferPointer(rebasing: buffer[offset ..< offset + reader.size]))
                offset += reader.size
            }
        }
        let files = readers.map { DataFile(path: $0.path, stamp: $0.modification) }
        let data = TextData(bytes, files: files, name: names.joined(separator: ", "))
        try data.checkUnchanged()
        return data
    }

    /// Throws `.data` when a file is not what it was when it was read. Nothing would break, since the bytes are in memory: but
    /// a resumed run, and whoever reads the report, would look at other data.
    public func checkUnchanged() throws {
        for file in files {
            guard let now = FileStamp(path: file.path) else {
                throw ZooError(.data, "data file \(file.path) disappeared while it was in use")
            }
            guard now == file.stamp else {
                let what =
                    now.bytes == file.stamp.bytes
                    ? "it was written to" : "it had \(file.stamp.bytes) bytes and now has \(now.bytes)"
                throw ZooError(
                    .data, "data file \(file.path) changed while it was in use: \(what)",
                    hint: "train on a copy that nobody writes to")
            }
        }
    }
}
