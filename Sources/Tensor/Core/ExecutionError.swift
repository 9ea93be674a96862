/// Why the work inside `Execution.run` came to nothing.
public enum ExecutionError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The system, or `Execution.memoryLimit`, refused `requestedBytes` while `bytesInUse` were in use.
    case outOfMemory(requestedBytes: Int, bytesInUse: Int)

    /// What was asked for, what was in use and what to do.
    public var description: String {
        switch self {
        case .outOfMemory(let requestedBytes, let bytesInUse):
            "out of memory: \(requestedBytes) more bytes were asked for with \(bytesInUse) in use; "
                + "use a smaller batch, context or model"
        }
    }
}
