import Glibc

/// How a short-lived child process ended.
enum ChildOutcome: Equatable {
    case exited(Int32)
    case killed(signal: Int32)
    case timedOut
    /// It lived, but another library that was loaded after this one did not.
    case damaged

    /// What happened, for people: "crashed (Segmentation fault)".
    func reason(timeLimit: Duration) -> String {
        switch self {
        case .exited(let status): "ended the process with status \(status)"
        case .killed(let signal): "crashed (\(String(cString: strsignal(signal))))"
        case .timedOut: "took longer than \(timeLimit)"
        case .damaged: "damaged the memory of other libraries"
        }
    }
}
