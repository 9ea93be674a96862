import Glibc

/// Size and time of the last change: enough to notice that a file is not what it was.
public struct FileStamp: Sendable, Equatable {
    /// Size of the file.
    public var bytes: Int
    /// Time of the last change, whole seconds since 1970.
    public var seconds: Int
    /// The rest of that time, 0 ..< 10⁹.
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
