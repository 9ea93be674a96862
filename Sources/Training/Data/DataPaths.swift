import Glibc
import PluginHost

/// Turns what the user named into files: files as they are, folders with everything below them, patterns as the shell
/// understands them (`*`, `?`, `[…]`).
enum DataPaths {
    /// The files, sorted by path (bytes compared), each once however often it was reached. Below folders hidden entries, empty files and what
    /// is not a regular file are passed over.
    ///
    /// - Throws: `ZooError(.data)` for what is missing or matches nothing.
    static func files(_ names: [String]) throws -> [String] {
        var found: [(path: String, identity: Identity)] = []
        var folders: Set<Identity> = []
        for name in names {
            guard !name.isEmpty else { throw ZooError(.data, "the name of a data file is empty") }
            var status = stat()
            if stat(name, &status) == 0 {
                try collect(name, status, into: &found, folders: &folders)
                continue
            }
            let number = errno
            guard name.contains(where: { "*?[".contains($0) }) else {
                guard number == ENOENT || number == ENOTDIR else {
                    throw FileFault(operation: "read", path: name, number: number).zooError()
                }
                let hint = name.hasPrefix("~") ? "write the path in full: only the shell knows what ~ is" : nil
                throw ZooError(.data, "data file \(name) does not exist", hint: hint)
            }
            let matches = expand(name)
            guard !matches.isEmpty else { throw ZooError(.data, "no data file matches \(name)") }
            for match in matches where stat(match, &status) == 0 {
                try collect(match, status, into: &found, folders: &folders)
            }
        }
        var seen: Set<Identity> = []
        return found.sorted { Array($0.path.utf8).lexicographicallyPrecedes(Array($1.path.utf8)) }
            .filter { seen.insert($0.identity).inserted }.map(\.path)
    }

    private struct Identity: Hashable {
        let device: UInt
        let file: UInt

        init(_ status: stat) {
            device = UInt(status.st_dev)
            file = UInt(status.st_ino)
        }
    }

    private static func collect(
        _ path: String, _ status: stat, into found: inout [(path: String, identity: Identity)],
        folders: inout Set<Identity>
    ) throws {
        guard status.st_mode & S_IFMT == S_IFDIR else {
            found.append((path, Identity(status)))
            return
        }
        // A folder is visited once: links may lead back up.
        guard folders.insert(Identity(status)).inserted else { return }
        guard let directory = opendir(path) else {
            throw FileFault(operation: "read", path: path, number: errno).zooError()
        }
        var names: [String] = []
        while let entry = readdir(directory) {
            names.append(
                withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        closedir(directory)
        for name in names where !name.hasPrefix(".") {
            let child = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
            var status = stat()
            guard stat(child, &status) == 0 else { continue }
            let type = status.st_mode & S_IFMT
            guard type == S_IFDIR || (type == S_IFREG && status.st_size > 0) else { continue }
            try collect(child, status, into: &found, folders: &folders)
        }
    }

    private static func expand(_ pattern: String) -> [String] {
        var result = glob_t()
        defer { globfree(&result) }
        guard glob(pattern, 0, nil, &result) == 0 else { return [] }
        return (0 ..< Int(result.gl_pathc)).compactMap { result.gl_pathv[$0].map { String(cString: $0) } }
    }
}
