import Glibc
import SequenceModel

/// The file that remembers which plugins a child process has survived, and which not. Losing it costs one more try; it is
/// never relied on to be there, whole or writable.
struct ProbeCache: Sendable {
    let path: String?
    private static let maximumBytes = 1 << 20

    /// Verdicts by path; empty when there is nothing that can be read.
    func read() -> [String: ProbeVerdict] {
        guard let path, let file = fopen(path, "r") else { return [:] }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: ProbeCache.maximumBytes)
        let count = fread(&bytes, 1, bytes.count, file)
        guard let value = try? JSONParser.parse(Array(bytes.prefix(count))),
            value["program"]?.stringValue == ProbeCache.program, let files = value["files"]?.objectValue
        else { return [:] }
        var verdicts: [String: ProbeVerdict] = [:]
        for path in files.keys { verdicts[path] = files[path].flatMap { ProbeVerdict($0) } }
        return verdicts
    }

    /// Writes all of `verdicts`, beside and then in place, so that nobody reads half a file.
    func write(_ verdicts: [String: ProbeVerdict]) {
        guard let path else { return }
        var files = JSONObject()
        // Files that are gone are forgotten.
        for path in verdicts.keys.sorted() where access(path, F_OK) == 0 { files[path] = verdicts[path]?.json }
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
