import Glibc
public import PluginHost

/// A system call on a file that failed.
public struct FileFault: Error, Sendable, Equatable {
    /// What was being done: "write", "rename", …
    public var operation: String
    /// The file or directory that the call was made on; of a rename the source.
    public var path: String
    /// `errno`.
    public var number: Int32

    /// `operation` is a verb that goes after "cannot"; `number` is the `errno` of the call, read before anything else could change it.
    public init(operation: String, path: String, number: Int32) {
        self.operation = operation
        self.path = path
        self.number = number
    }

    /// The system's words: "No space left on device".
    public var reason: String { String(cString: strerror(number)) }

    /// True when freeing space or waiting may help.
    public var isTemporary: Bool {
        [ENOSPC, EDQUOT, EFBIG, EIO, EAGAIN, EMFILE, ENFILE, ENOMEM].contains(number)
    }

    /// The same for the command line: "cannot write FILE: No space left on device".
    public func zooError(hint: String? = nil) -> ZooError {
        ZooError(
            isTemporary ? .temporary : .data, "cannot \(operation) \(path): \(reason)",
            hint: hint ?? (number == ENOSPC || number == EDQUOT ? "free space on that disk and try again" : nil),
            cause: self)
    }
}
