/// The system calls that make files durable, one method each, so that a test can make the k-th one fail.
///
/// Every method throws `FileFault`. Interrupted calls are repeated; `write` may be short, as the system's is.
public protocol FileOperations: Sendable {
    /// Creates `path` for writing with mode 0666 less the umask; throws when it exists.
    func create(_ path: String) throws -> Int32
    /// Writes some of `bytes`; returns how many.
    func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, path: String) throws -> Int
    /// Waits until what was written to the file is on the disk.
    func synchronise(_ descriptor: Int32, path: String) throws
    /// Gives the descriptor back, whether or not it throws.
    func close(_ descriptor: Int32, path: String) throws
    /// Waits until the names in a directory are on the disk.
    func synchroniseDirectory(_ path: String) throws
    /// Throws when `path` exists or there is no directory above it.
    func createDirectory(_ path: String) throws
    /// Replaces `target` when it is a file; throws when it is a directory that is not empty.
    func rename(_ path: String, to target: String) throws
    /// Removes a file.
    func remove(_ path: String) throws
    /// Removes an empty directory.
    func removeDirectory(_ path: String) throws
}
