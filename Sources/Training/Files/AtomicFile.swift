import Glibc

/// Writes files so that at any moment, also after a crash or with a full disk, a reader finds the whole old or the whole new one.
public enum AtomicFile {
    /// Writes beside `path`, flushes, renames over it, flushes the directory. Whatever fails up to the renaming, the old file stays and
    /// nothing is left beside it; when the directory cannot be flushed, the new file is there, but a crash may still undo the renaming.
    ///
    /// - Throws: `FileFault`.
    public static func write(
        _ path: String, files: any FileOperations = SystemFiles(), _ body: (inout FileWriter) throws -> Void
    ) throws {
        let temporary = "\(directory(of: path))/.\(name(of: path)).tmp-\(getpid())"
        do {
            // One process writes one file at a time: what has this name is left from a crashed one.
            unlink(temporary)
            try writeInPlace(temporary, files: files, body)
            try files.rename(temporary, to: path)
        } catch {
            try? files.remove(temporary)
            throw error
        }
        try files.synchroniseDirectory(directory(of: path))
    }

    /// The same with the UTF-8 of `text` and nothing after it.
    ///
    /// - Throws: `FileFault`.
    public static func write(_ text: String, to path: String, files: any FileOperations = SystemFiles()) throws {
        try write(path, files: files) { try $0.write(Array(text.utf8)) }
    }

    /// Creates `path`, which must not exist, and flushes it: for files in a directory that is renamed as a whole.
    static func writeInPlace(
        _ path: String, files: any FileOperations, _ body: (inout FileWriter) throws -> Void
    ) throws {
        var writer = FileWriter(descriptor: try files.create(path), path: path, files: files)
        do {
            try body(&writer)
            try writer.flush()
            try files.synchronise(writer.descriptor, path: path)
        } catch {
            try? files.close(writer.descriptor, path: path)
            throw error
        }
        try files.close(writer.descriptor, path: path)
    }

    static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func name(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }
}
