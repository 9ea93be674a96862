/// How much a message matters. Raw values are those of the C ABI.
public enum LogSeverity: Int32, Sendable {
    case debug = 0
    case information = 1
    case warning = 2
    case error = 3
}
