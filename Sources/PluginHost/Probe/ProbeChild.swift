import Glibc

/// A child process that loads plugin files, one after the other, and tells of each that it is done with it. Without input or
/// output, in a process group of its own, which goes when this object does.
final class ProbeChild {
    /// Where the child writes one byte for each file.
    static let reportDescriptor: Int32 = 3
    private let child: pid_t
    private let pipe: Int32
    private var outcome: ChildOutcome?

    /// Files that the child is done with.
    private(set) var finished = 0
    /// Since when nothing was heard of it.
    private(set) var lastHeard = ContinuousClock.now

    /// Its standard output goes to the file descriptor `output`, or nowhere. nil when it cannot be started.
    init?(_ command: [String], output: Int32? = nil) {
        guard let program = command.first else { return nil }
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        defer { close(ends[1]) }
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
        // First, since `output` may have the number that the pipe is given.
        if let output { posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], ProbeChild.reportDescriptor)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        posix_spawnattr_setpgroup(&attributes, 0)
        var child = pid_t()
        let status = ProbeChild.withArguments(command) { arguments in
            ProbeChild.withArguments(ProbeChild.environment()) { environment in
                posix_spawn(&child, program, &actions, &attributes, arguments, environment)
            }
        }
        guard status == 0 else {
            close(ends[0])
            return nil
        }
        self.child = child
        pipe = ends[0]
    }

    deinit {
        end()
        close(pipe)
    }

    /// Looks what it said, and how it ended; nil while it is at work.
    func poll() -> ChildOutcome? {
        guard outcome == nil else { return outcome }
        // Its end is looked at first: what it said before is then all there.
        var status: Int32 = 0
        let got = waitpid(child, &status, WNOHANG)
        var bytes: (UInt64, UInt64) = (0, 0)
        while case let count = read(pipe, &bytes, 16), count > 0 {
            finished += count
            lastHeard = .now
        }
        if got == child {
            outcome = status & 0x7F == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal: status & 0x7F)
        } else if got < 0, errno != EINTR {
            // Somebody else waited for it: nothing is known of it but that it is gone.
            outcome = .exited(-1)
        }
        return outcome
    }

    /// Waits for its end, and sees to it when time is up.
    func wait(timeLimit: Duration) -> ChildOutcome {
        let limit = ContinuousClock.now + timeLimit
        while true {
            if let outcome = poll() { return outcome }
            if ContinuousClock.now > limit { end() }
            usleep(1000)
        }
    }

    /// Ends it and what it started.
    func end() {
        guard outcome == nil else { return }
        kill(-child, SIGKILL)
        var status: Int32 = 0
        waitpid(child, &status, 0)
        outcome = .timedOut
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
