import Experiments
import Glibc
import PluginHost

/// Looks after a command that lets plugins work: the command runs in a child process with the same terminal, files and process group, and
/// when a plugin takes that process with it, this one is left to say so.
///
/// A child and not a signal handler: after a fault in foreign code nothing in the process can be relied on, and neither
/// `_exit` nor the system's killing for want of memory leave a handler anything to do. The price is a start of the program, some 30 ms.
///
/// Signals. The terminal sends its own to the whole group, and both hear them; one that was sent to this process alone is passed on through the
/// journal, so that nobody hears it twice. When this process is killed the child goes with it. ZOO_SUPERVISED=0 works without a child, for debuggers.
enum Supervisor {
    /// What the child is told: who looks after it, and the descriptors of the journal and of the pipe that ends with its parent.
    private static let variable = "ZOO_SUPERVISOR"
    private static let choice = "ZOO_SUPERVISED"
    private static let attemptVariable = "ZOO_SUPERVISOR_ATTEMPT"
    /// Loading a damaged library can go well by luck: where things lie in memory differs from process to process. Nothing was done yet when it
    /// does not, so the command begins again, and tries in a child even what a child survived.
    private static let attempts = 4

    /// After a request to stop, a call that does not return is named.
    private static let patience = Duration.seconds(3)

    /// True in the child.
    nonisolated(unsafe) private(set) static var isChild = false

    /// True in a child that follows one which died while it loaded plugins.
    nonisolated(unsafe) private(set) static var isAnotherAttempt = false

    // MARK: The child

    /// Call first of all: in a child, opens the journal and watches the parent.
    static func begin() {
        let words = Terminal.variable(variable).split(separator: ":").map { Int32($0) }
        unsetenv(variable)
        isAnotherAttempt = !Terminal.variable(attemptVariable).isEmpty
        unsetenv(attemptVariable)
        guard words.count == 3, let parent = words[0], let journal = words[1], let pipe = words[2], getppid() == parent,
            let page = mmap(nil, CallJournal.byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, journal, 0), page != MAP_FAILED
        else { return }
        close(journal)
        _ = fcntl(pipe, F_SETFD, FD_CLOEXEC)
        isChild = true
        CallJournal.write(to: CallJournal(page))
        watch(pipe)
    }

    /// The other end of `pipe` closes when the parent ends, however it ends.
    private static func watch(_ pipe: Int32) {
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, &before)
        var thread = pthread_t()
        let argument = UnsafeMutableRawPointer(bitPattern: Int(pipe) + 1)
        pthread_create(&thread, nil, { argument in
            var byte: UInt8 = 0
            while read(Int32(Int(bitPattern: argument) - 1), &byte, 1) < 0, errno == EINTR {}
            kill(getpid(), SIGKILL)
            return nil
        }, argument)
        pthread_sigmask(SIG_SETMASK, &before, nil)
    }

    // MARK: The parent

    /// Runs this command line in a child and ends as it does. Returns when there can be no child, or shall be none: the work is then done here.
    static func run() {
        guard !isChild, Terminal.variable(choice) != "0" else { return }
        for attempt in 1 ... attempts {
            guard let (ending, journal) = attemptOnce() else { return }
            if attempt < attempts, case .signalled(let number) = ending, JobEnding.faults.contains(number), journal.isLoading {
                setenv(attemptVariable, "\(attempt)", 1)
                continue
            }
            conclude(ending, journal)
        }
    }

    /// How a child ended that ran this command line; nil when there can be none.
    private static func attemptOnce() -> (JobEnding, CallJournal)? {
        guard let journal = Journal() else { return nil }
        var pipe: [Int32] = [-1, -1]
        guard Glibc.pipe(&pipe) == 0 else { return nil }
        _ = fcntl(pipe[1], F_SETFD, FD_CLOEXEC)
        signal(SIGCHLD, SIG_DFL)
        var waited = sigset_t()
        var before = sigset_t()
        sigemptyset(&waited)
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD] { sigaddset(&waited, number) }
        pthread_sigmask(SIG_BLOCK, &waited, &before)
        guard let child = spawn("\(getpid()):\(journal.descriptor):\(pipe[0])", signalMask: &before) else {
            pthread_sigmask(SIG_SETMASK, &before, nil)
            close(pipe[0])
            close(pipe[1])
            return nil
        }
        close(pipe[0])
        let ending = wait(for: child, signals: &waited, journal.calls)
        pthread_sigmask(SIG_SETMASK, &before, nil)
        close(pipe[1])
        close(journal.descriptor)
        return (ending, journal.calls)
    }

    /// The shared page, without a name.
    private struct Journal {
        let descriptor: Int32
        let calls: CallJournal

        init?() {
            let name = "/zoo-\(getpid())"
            descriptor = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0o600)
            guard descriptor >= 0 else { return nil }
            shm_unlink(name)
            guard ftruncate(descriptor, CallJournal.byteCount) == 0,
                let page = mmap(nil, CallJournal.byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), page != MAP_FAILED
            else {
                close(descriptor)
                return nil
            }
            // The child inherits it.
            _ = fcntl(descriptor, F_SETFD, 0)
            calls = CallJournal(page)
        }
    }

    private static func spawn(_ value: String, signalMask: inout sigset_t) -> pid_t? {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setsigmask(&attributes, &signalMask)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        setenv(variable, value, 1)
        // The crash reporter takes seconds, and what it says of a plugin helps nobody here.
        setenv("SWIFT_BACKTRACE", "enable=no", 0)
        var child = pid_t()
        let status = posix_spawn(&child, "/proc/self/exe", nil, &attributes, CommandLine.unsafeArgv, environ)
        unsetenv(variable)
        return status == 0 ? child : nil
    }

    private static func wait(for child: pid_t, signals: inout sigset_t, _ journal: CallJournal) -> JobEnding {
        var asked: ContinuousClock.Instant?
        var wasNamed = false
        while true {
            var status: Int32 = 0
            if waitpid(child, &status, WNOHANG) == child {
                return status & 0x7F == 0 ? .exited(status >> 8 & 0xFF) : .signalled(status & 0x7F)
            }
            var information = siginfo_t()
            var limit = timespec(tv_sec: 1, tv_nsec: 0)
            let number = sigtimedwait(&signals, &information, &limit)
            // What a process sent, and not the terminal, came to us alone.
            let isOurs = information.si_code <= 0
            switch number {
            case SIGINT, SIGTERM:
                if isOurs, asked != nil {
                    kill(child, SIGKILL)
                    waitpid(child, &status, 0)
                    return .exited(ZooError.Code.interrupted.exitStatus)
                }
                if isOurs { journal.requestStop() }
                asked = asked ?? .now
            case SIGHUP, SIGQUIT: if isOurs { kill(child, number) }
            default: break
            }
            if let asked, !wasNamed, .now - asked > patience, journal.isInPlugin, let call = journal.lastCall {
                wasNamed = true
                tell("note: \(call.model) does not return from \(call.function); a second signal ends it at once")
            }
        }
    }

    private static func tell(_ line: String) {
        // On a terminal a line of progress may be open.
        Terminal.writeError((Terminal.rewritesLines ? "\n" : "") + line + "\n")
    }

    /// Ends this process as the child ended, or says what a plugin did to it.
    private static func conclude(_ ending: JobEnding, _ journal: CallJournal) -> Never {
        let what: String
        switch ending {
        case .exited(let status):
            // 130 is how a second signal ends it, from inside the signal's handler.
            if journal.hasEnded || status == ZooError.Code.interrupted.exitStatus { _exit(status) }
            what = "ended the process with status \(status)"
        case .signalled(let number):
            guard JobEnding.faults.contains(number) || number == SIGKILL && journal.isInPlugin else { endBySignal(number) }
            what = "crashed: \(JobEnding.name(ofSignal: number))"
        case .timedOut, .interrupted: _exit(ZooError.Code.interrupted.exitStatus)
        }
        guard let call = journal.lastCall, journal.isInPlugin else {
            let last = journal.lastCall.map { "; the last plugin at work was \($0.model), in \($0.function)" } ?? ""
            tell("\(Terminal.errorLabel) \(HostIdentity.name) \(what)\(last)")
            Terminal.writeError("hint: a bug in zoo, or the work of a plugin that damaged memory: please report the command and this line\n")
            _exit(ZooError.Code.internalBug.exitStatus)
        }
        tell("\(Terminal.errorLabel) \(call.model) \(what), in \(call.function)")
        let resume = CommandLine.arguments.dropFirst().first == "train" ? ". The run goes on from its last checkpoint with --resume" : ""
        Terminal.writeError("hint: tell the author of \(call.path); zoo check \(call.path) says more\(resume)\n")
        _exit(ZooError.Code.plugin.exitStatus)
    }

    /// As the child was ended, so that who waits for us sees the same.
    private static func endBySignal(_ number: Int32) -> Never {
        var limit = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
        signal(number, SIG_DFL)
        kill(getpid(), number)
        _exit(128 + number)
    }
}
