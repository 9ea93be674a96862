public import Foundation
import Glibc
import PluginHost
import Training

/// Files that are there whole or not at all: written beside, synced, renamed.
public enum RunFiles {
    /// Throws `ZooError` naming the path and the system's reason: `.temporary` for a full disk and the like, else `.data`. What was
    /// at `path` before then stays as it was.
    public static func write(_ text: String, to path: String) throws {
        try write([UInt8](text.utf8), to: path)
    }

    /// The same for bytes. One writer at a time: the file beside it is always `path` + ".tmp".
    public static func write(_ bytes: [UInt8], to path: String) throws {
        let temporary = path + ".tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure("open", temporary) }
        do {
            defer { close(descriptor) }
            var written = 0
            while written < bytes.count {
                let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
                if count < 0 {
                    if errno == EINTR { continue }
                    throw failure("write", temporary)
                }
                written += count
            }
            guard fsync(descriptor) == 0 else { throw failure("sync", temporary) }
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else {
            let error = failure("rename", temporary)
            unlink(temporary)
            throw error
        }
        syncFolder(of: path)
    }

    /// Throws as `write` does.
    public static func read(_ path: String) throws -> Data {
        // Not `Data(contentsOf:)`: its errors do not give the system's reason.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("read", path) }
        defer { close(descriptor) }
        var bytes = Data()
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure("read", path)
            }
            if count == 0 { return bytes }
            bytes.append(contentsOf: buffer[..<count])
        }
    }

    /// Makes a folder and those above it; nothing when it is there.
    public static func makeFolder(_ path: String) throws {
        if mkdir(path, 0o777) == 0 { return }
        if errno == ENOENT {
            let parent = (path as NSString).deletingLastPathComponent
            if !parent.isEmpty, parent != path {
                try makeFolder(parent)
                if mkdir(path, 0o777) == 0 { return }
            }
        }
        let reason = errno
        var isFolder: ObjCBool = false
        if reason == EEXIST, FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
            return
        }
        if reason == EEXIST || reason == ENOTDIR {
            throw ZooError(.data, "\(path) cannot be a folder: a file is in its way")
        }
        errno = reason
        throw failure("make the folder", path)
    }

    /// A path that means the same in another working directory.
    static func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }

    /// Removes a file; nothing when it is not there. Throws `ZooError` naming the path and the system's reason.
    public static func remove(_ path: String) throws {
        guard unlink(path) == 0 || errno == ENOENT else { throw failure("remove", path) }
    }

    private static func syncFolder(of path: String) {
        let folder = (path as NSString).deletingLastPathComponent
        let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    static func failure(_ action: String, _ path: String) -> ZooError {
        // A full disk is nobody's fault: the same again later may do.
        FileFault(operation: action, path: path, number: errno).zooError()
    }
}
