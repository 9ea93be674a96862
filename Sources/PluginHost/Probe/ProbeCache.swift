import Glibc
import SequenceModel

/// The file that remembers which plugins a child process has survived. Losing it costs one more try; it is never
/// relied on to be there, whole or writable.
struct ProbeCache: Sendable {
    let path: String?
    private static let maximumBytes = 1 << 20

    /// What makes a file the same as the one that was tried.
    struct Mark: Equatable {
        let device: UInt64
        let inode: UInt64
        let byteCount: Int
        let modificationTime: Int64

        init(_ report: PluginFileReport) {
            device = report.identity.device
            inode = report.identity.inode
            byteCount = report.byteCount
            modificationTime = report.modificationTime
        }

        init?(_ value: JSONValue) {
            guard let items = value.arrayValue, items.count == 4, let device = items[0].integerValue,
                let inode = items[1].integerValue, let byteCount = items[2].integerValue,
                let time = items[3].integerValue
            else { return nil }
            self.device = UInt64(bitPattern: Int64(device))
            self.inode = UInt64(bitPattern: Int64(inode))
            self.byteCount = byteCount
            modificationTime = Int64(time)
        }

        var json: JSONValue {
            .array([
                .integer(Int64(bitPattern: device)), .integer(Int64(bitPattern: inode)), .integer(Int64(byteCount)),
                .integer(modificationTime),
            ])
        }
    }

    /// Marks by path; empty when there is nothing that can be read.
    func read() -> [String: Mark] {
        guard let path, let file = fopen(path, "r") else { return [:] }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: ProbeCache.maximumBytes)
        let count = fread(&bytes, 1, bytes.count, file)
        guard let value = try? JSONParser.parse(Array(bytes.prefix(count))),
            value["program"]?.stringValue == ProbeCache.program, let files = value["files"]?.objectValue
        else { return [:] }
        var marks: [String: Mark] = [:]
        for path in files.keys { marks[path] = files[path].flatMap { Mark($0) } }
        return marks
    }

    /// Writes `known` and the marks of `reports`, beside and then in place, so that nobody reads half a file.
    func add(_ reports: [PluginFileReport], to known: [String: Mark]) {
        guard let path, !reports.isEmpty else { return }
        var marks = known
        for report in reports { marks[report.path] = Mark(report) }
        var files = JSONObject()
        // Files that are gone are forgotten.
        for path in marks.keys.sorted() where access(path, F_OK) == 0 { files[path] = marks[path]?.json }
        let text = JSONValue.object(["program": .string(ProbeCache.program), "files": .object(files)]).prettyPrinted
        guard text.utf8.count <= ProbeCache.maximumBytes else { return }
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let parent = folder.lastIndex(of: "/").map { String(folder[..<$0]) } ?? "."
        mkdir(parent, 0o700)
        mkdir(folder, 0o700)
        let beside = "\(path).\(getpid())"
        guard let file = fopen(beside, "wx") else { return }
        let isWhole = fputs(text, file) >= 0
        if fclose(file) != 0 || !isWhole || rename(beside, path) != 0 { unlink(beside) }
    }

    /// A new version of this program tries again.
    private static var program: String { "\(HostIdentity.name) \(HostIdentity.version)" }
}
