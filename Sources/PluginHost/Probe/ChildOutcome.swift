import Glibc

/// How a short-lived child process ended.
enum ChildOutcome: Equatable {
    case exited(Int32)
    case killed(signal: Int32)
    case timedOut
    case notStarted

    /// What happened, for people: "crashed (Segmentation fault)".
    func reason(timeLimit: Duration) -> String {
        switch self {
        case .exited(let status): "ended the process with status \(status)"
        case .killed(let signal): "crashed (\(String(cString: strsignal(signal))))"
        case .timedOut: "took longer than \(timeLimit)"
        case .notStarted: "could not be tried"
        }
    }

    /// Runs `command` without input, in a process group that is killed when time is up. Its standard output goes to the
    /// file descriptor `output`, or nowhere.
    static func run(_ command: [String], timeLimit: Duration, output: Int32? = nil) -> ChildOutcome {
        guard let program = command.first else { return .notStarted }
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        if let output { posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        posix_spawnattr_setpgroup(&attributes, 0)
        var child = pid_t()
        let status = withArguments(command) { arguments in
            withArguments(environment()) { environment in
                posix_spawn(&child, program, &actions, &attributes, arguments, environment)
            }
        }
        guard status == 0 else { return .notStarted }
        return wait(for: child, timeLimit: timeLimit)
    }

    private static func wait(for child: pid_t, timeLimit: Duration) -> ChildOutcome {
        let end = ContinuousClock.now + timeLimit
        var status: Int32 = 0
        while true {
            let got = waitpid(child, &status, WNOHANG)
            if got == child { break }
            if got < 0, errno != EINTR { return .notStarted }
            if ContinuousClock.now > end {
                kill(-child, SIGKILL)
                waitpid(child, &status, 0)
                return .timedOut
            }
            usleep(1000)
        }
        let signal = status & 0x7F
        return signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal: signal)
    }

    /// Ours, without the crash reporter, which takes seconds and writes to the terminal.
    private static func environment() -> [String] {
        var variables: [String] = []
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            if !text.hasPrefix("SWIFT_BACKTRACE=") { variables.append(text) }
            next += 1
        }
        return variables + ["SWIFT_BACKTRACE=enable=no"]
    }

    /// Runs `body` with a null-terminated array of C strings.
    private static func withArguments<Result>(
        _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var pointers: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) } + [nil]
        defer { pointers.forEach { free($0) } }
        return body(&pointers)
    }
}
