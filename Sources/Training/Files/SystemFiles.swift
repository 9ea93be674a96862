import Glibc

/// `FileOperations` by the operating system.
public struct SystemFiles: FileOperations {
    /// Holds nothing: all of them are the same.
    public init() {}

    /// `open` with O_CREAT and O_EXCL; EEXIST when something has that name. The descriptor does not pass to child processes.
    public func create(_ path: String) throws -> Int32 {
        try check("create", path) { open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666) }
    }

    /// One `write`, repeated on EINTR; 0 for no bytes, without a call.
    public func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, path: String) throws -> Int {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return 0 }
        return try check("write", path) { Glibc.write(descriptor, base, bytes.count) }
    }

    /// `fsync` of the file.
    public func synchronise(_ descriptor: Int32, path: String) throws {
        _ = try check("flush", path) { fsync(descriptor) }
    }

    /// `close`, once: also EINTR means that the descriptor is gone.
    public func close(_ descriptor: Int32, path: String) throws {
        // Not repeated on EINTR: the descriptor is gone either way.
        if Glibc.close(descriptor) != 0, errno != EINTR {
            throw FileFault(operation: "close", path: path, number: errno)
        }
    }

    /// `fsync` of the directory; a file system that cannot do that (EINVAL) counts as done.
    public func synchroniseDirectory(_ path: String) throws {
        let descriptor = try check("open", path) { open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        defer { _ = Glibc.close(descriptor) }
        // Some network file systems cannot flush a directory and say EINVAL: there is nothing more to be done there.
        if fsync(descriptor) != 0, errno != EINVAL {
            throw FileFault(operation: "flush", path: path, number: errno)
        }
    }

    /// `mkdir` with mode 0777 less the umask; EEXIST when something has that name.
    public func createDirectory(_ path: String) throws { _ = try check("create", path) { mkdir(path, 0o777) } }
    /// `rename`, within one file system; EXDEV otherwise.
    public func rename(_ path: String, to target: String) throws {
        _ = try check("rename", path) { Glibc.rename(path, target) }
    }
    /// `unlink`; ENOENT when there is nothing.
    public func remove(_ path: String) throws { _ = try check("remove", path) { unlink(path) } }
    /// `rmdir`; ENOTEMPTY when something is in it.
    public func removeDirectory(_ path: String) throws { _ = try check("remove", path) { rmdir(path) } }

    private func check<Result: SignedInteger>(_ operation: String, _ path: String, _ call: () -> Result) throws -> Result {
        while true {
            let result = call()
            if result >= 0 { return result }
            if errno != EINTR { throw FileFault(operation: operation, path: path, number: errno) }
        }
    }
}
