/// How a child process ended.
enum ProcessEnd: Equatable, Sendable {
    case exited(Int32)
    case killed(signal: Int32)
    /// Stopped by us: its time was up.
    case timedOut
    /// Stopped by us: the user wants to stop.
    case interrupted
}
