import Glibc

/// What a library may change in its process while it is loaded, and has no business to: how this thread computes, the working directory, the
/// mask of new files, signal handlers and the signal mask, the locale.
struct ProcessState {
    private var floatingPoint = fenv_t()
    private let folder: Int32
    private let fileMask: mode_t
    private var handlers: [sigaction?] = []
    private var signalMask = sigset_t()
    private let locale: String

    /// Signals that a program may handle.
    private static let signals: ClosedRange<Int32> = 1 ... 64

    /// As it is now. `restore` must follow.
    init() {
        fegetenv(&floatingPoint)
        folder = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        fileMask = umask(0)
        umask(fileMask)
        for number in ProcessState.signals {
            var action = sigaction()
            handlers.append(sigaction(number, nil, &action) == 0 ? action : nil)
        }
        pthread_sigmask(SIG_SETMASK, nil, &signalMask)
        locale = setlocale(LC_ALL, nil).map { String(cString: $0) } ?? "C"
    }

    /// Puts back what was changed. Returns what that was; how numbers are rounded is put back without a word: some compilers' start-up
    /// code changes it.
    func restore() -> [String] {
        var changes: [String] = []
        var mode = floatingPoint
        fesetenv(&mode)
        if folder >= 0 {
            var (before, now) = (stat(), stat())
            if fstat(folder, &before) == 0, stat(".", &now) == 0, (before.st_dev, before.st_ino) != (now.st_dev, now.st_ino),
                fchdir(folder) == 0
            {
                changes.append("the working directory")
            }
            close(folder)
        }
        if umask(fileMask) != fileMask { changes.append("the mask of new files") }
        var changed = false
        for (number, handler) in zip(ProcessState.signals, handlers) {
            guard var handler else { continue }
            var now = sigaction()
            guard sigaction(number, nil, &now) == 0, !isSame(handler, now) else { continue }
            changed = sigaction(number, &handler, nil) == 0 || changed
        }
        if changed { changes.append("signal handlers") }
        var (mask, before) = (sigset_t(), signalMask)
        pthread_sigmask(SIG_SETMASK, &before, &mask)
        if (ProcessState.signals.contains { sigismember(&mask, $0) != sigismember(&before, $0) }) { changes.append("the signal mask") }
        if setlocale(LC_ALL, nil).map({ String(cString: $0) }) != locale {
            setlocale(LC_ALL, locale)
            changes.append("the locale")
        }
        return changes
    }

    private func isSame(_ first: sigaction, _ second: sigaction) -> Bool {
        func address(_ action: sigaction) -> UInt {
            withUnsafeBytes(of: action.__sigaction_handler) { $0.loadUnaligned(as: UInt.self) }
        }
        return address(first) == address(second) && first.sa_flags == second.sa_flags
    }
}
