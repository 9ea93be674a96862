import Glibc
import PluginHost

/// Small things done to folders.
enum Folder {
    /// Creates `path` and what is missing above it.
    static func create(_ path: String) throws {
        var status = stat()
        if stat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFDIR else { throw ZooError(.data, "\(path) is not a folder") }
            return
        }
        let parent = AtomicFile.directory(of: path)
        if parent != path, parent != "." { try create(parent) }
        if mkdir(path, 0o777) != 0, errno != EEXIST {
            throw FileFault(operation: "create", path: path, number: errno).zooError()
        }
    }

    /// Names in a folder, sorted; none when it cannot be read.
    static func names(_ path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
