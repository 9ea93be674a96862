import Glibc
import Synchronization

/// Whether the user asked the process to stop (SIGINT or SIGTERM). The first signal sets a flag that long calls look
/// at, so that they end in order; the second ends the process at once, with status 130.
public enum Interruption {
    private static let requested = Atomic<Bool>(false)

    /// True since the first signal, or since the process that looks after this one had it.
    public static var isRequested: Bool { requested.load(ordering: .relaxed) || CallJournal.isStopRequested }

    /// Sets the flag, as a signal would.
    public static func request() { requested.store(true, ordering: .relaxed) }

    /// Installs the handlers. Call once, before long work begins.
    public static func install() {
        // The flag is made here: a handler must not be the first to touch a lazy global.
        _ = isRequested
        // A parent that starts processes from a worker thread hands down that thread's mask, which blocks everything.
        var wanted = sigset_t()
        sigemptyset(&wanted)
        for number in [SIGINT, SIGTERM] { sigaddset(&wanted, number) }
        pthread_sigmask(SIG_UNBLOCK, &wanted, nil)
        for number in [SIGINT, SIGTERM] {
            signal(number) { _ in
                if Interruption.requested.exchange(true, ordering: .relaxed) { _exit(130) }
            }
        }
    }

    /// Throws `.interrupted` when the user asked to stop.
    public static func check() throws {
        if isRequested { throw ZooError(.interrupted, "interrupted") }
    }
}
