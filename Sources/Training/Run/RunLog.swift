import Glibc
import PluginHost
public import SequenceModel

/// The log of a run: one JSON object a line, each written with one call, so that a reader never sees half of one but the last.
public final class RunLog {
    private let descriptor: Int32
    private let path: String

    /// Opens the log for appending. Lines of steps after `lastStep` and a torn last line are removed first: a resumed
    /// run writes them again.
    ///
    /// - Throws: `ZooError`.
    public init(path: String, keepingStepsUpTo lastStep: Int) throws {
        self.path = path
        if Folder.exists(path) {
            let text = try FileReader.text(path, kind: "log", limit: 1 << 32)
            let kept = RunLog.lines(of: text).filter { ($0.value["step"]?.integerValue ?? 0) <= lastStep }
            do {
                try AtomicFile.write(path) { writer in
                    for line in kept { try writer.write(line.bytes + [UInt8(ascii: "\n")]) }
                }
            } catch let fault as FileFault {
                throw fault.zooError()
            }
        }
        descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw FileFault(operation: "create", path: path, number: errno).zooError() }
    }

    deinit { close(descriptor) }

    /// - Throws: `ZooError` when the line could not be written whole.
    public func append(_ object: JSONObject) throws {
        let line = Array((JSONValue.object(object).description + "\n").utf8)
        while true {
            let written = write(descriptor, line, line.count)
            if written == line.count { return }
            if written < 0, errno == EINTR { continue }
            let number = written < 0 ? errno : ENOSPC
            throw FileFault(operation: "write", path: path, number: number).zooError()
        }
    }

    /// Waits until all lines are on the disk.
    func synchronise() throws {
        guard fsync(descriptor) == 0 || errno == EINVAL else {
            throw FileFault(operation: "flush", path: path, number: errno).zooError()
        }
    }

    /// The complete lines of a log that hold a JSON object.
    public static func read(_ path: String) throws -> [JSONValue] {
        lines(of: try FileReader.text(path, kind: "log", limit: 1 << 32)).map(\.value)
    }

    private static func lines(of text: [UInt8]) -> [(bytes: [UInt8], value: JSONValue)] {
        var pieces = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // After the last line break there is nothing, or a line that was not finished.
        pieces.removeLast()
        return pieces.compactMap { piece in
            let bytes = Array(piece)
            guard let value = try? JSONParser.parse(bytes), value.objectValue != nil else { return nil }
            return (bytes, value)
        }
    }
}
