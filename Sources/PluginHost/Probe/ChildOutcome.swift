/// How a short-lived child process ended.
enum ChildOutcome: Equatable {
    case exited(Int32)
    case killed(signal: Int32)
    case timedOut
}
