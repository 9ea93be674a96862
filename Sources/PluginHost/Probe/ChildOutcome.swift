/// How a short-lived child process ended.
enum ChildOutcome: Equatable {
    case exited(Int32)
    case killed(signal: Int32)
    case timedOut
    /// It lived, but another library that was loaded after this one did not.
    case damaged
}
