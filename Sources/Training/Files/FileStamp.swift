import Glibc

/// Size and time of the last change: enough to notice that a file is not what it was.
public struct FileStamp: Sendable, Equatable {
    public var bytes: Int
    public var seconds: Int
    public var nanoseconds: Int

    init(_ status: stat) {
        bytes = Int(status.st_size)
        seconds = Int(status.st_mtim.tv_sec)
        nanoseconds = Int(status.st_mtim.tv_nsec)
    }

    /// nil when there is no such file.
    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }
}
