import Glibc

/// How the process of a run ended.
public enum JobEnding: Sendable, Equatable {
    case exited(Int32)
    /// Ended by a signal that nobody here sent.
    case signalled(Int32)
    /// Stopped because its time was over.
    case timedOut(minutes: Double)
    /// Stopped because the user asked.
    case interrupted

    /// Signals with which the system ends a program that went wrong.
    public static let faults: Set<Int32> = [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT, SIGSYS, SIGXCPU]

    /// `SIGSEGV (segmentation fault)`
    public static func name(ofSignal number: Int32) -> String {
        let known: [Int32: String] = [
            SIGSEGV: "SIGSEGV (segmentation fault)", SIGBUS: "SIGBUS (bus error)", SIGABRT: "SIGABRT (aborted)",
            SIGILL: "SIGILL (illegal instruction; also how Swift stops at an error it found)",
            SIGTRAP: "SIGTRAP (trap; also how Swift stops at an error it found)", SIGFPE: "SIGFPE (arithmetic error)",
            SIGKILL: "SIGKILL (killed; by the system if memory ran out)", SIGTERM: "SIGTERM (terminated from outside)",
            SIGXCPU: "SIGXCPU (processor time limit)", SIGSYS: "SIGSYS (forbidden system call)",
        ]
        return known[number] ?? "signal \(number)"
    }
}
