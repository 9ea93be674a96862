/// How much a message matters. Raw values are those of the C ABI.
public enum LogSeverity: Int32, Sendable {
    /// For who writes the model.
    case debug = 0
    /// Worth knowing.
    case information = 1
    /// Probably not what was wanted.
    case warning = 2
    /// Something failed.
    case error = 3
}
