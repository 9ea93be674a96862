import Glibc
import PluginHost

/// A process of its own group, so that a signal from the terminal reaches it only through us.
final class ChildProcess {
    let identifier: pid_t
    private var status: Int32?

    /// Starts `arguments[0]` (an absolute path), stdin empty, stdout and stderr appended to files.
    ///
    /// Throws `ZooError` (`.temporary`) with the system's reason.
    init(_ arguments: [String], environment: [String: String], standardOutput: String, standardError: String) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let flags = O_WRONLY | O_CREAT | O_APPEND
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, standardOutput, flags, 0o644)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, standardError, flags, 0o644)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Handlers and masks of ours are not the child's.
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

        let words = arguments.map { strdup($0) } + [nil]
        let variables = environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (words + variables).forEach { free($0) } }
        var identifier = pid_t()
        let failure = posix_spawn(&identifier, arguments[0], &actions, &attributes, words, variables)
        guard failure == 0 else {
            throw ZooError(.temporary, "cannot start \(arguments[0]): \(String(cString: strerror(failure)))")
        }
        self.identifier = identifier
    }

    deinit {
        guard status == nil else { return }
        signalGroup(SIGKILL)
        _ = wait(WNOHANG)
    }

    /// How it ended; nil while it runs.
    func poll() -> JobEnding? { wait(WNOHANG) }

    private func wait(_ options: Int32) -> JobEnding? {
        if status == nil {
            var value: Int32 = 0
            var result = waitpid(identifier, &value, options)
            while result < 0, errno == EINTR { result = waitpid(identifier, &value, options) }
            if result == 0 { return nil }
            // Without a status (it was waited for elsewhere) nothing better is known than that it is gone.
            status = result == identifier ? value : 0
        }
        guard let status else { return nil }
        // wait(2): the low seven bits are the signal, 0 when the process exited by itself.
        let signal = status & 0x7F
        return signal == 0 ? .exited(status >> 8 & 0xFF) : .signalled(signal)
    }

    /// To the process and all it started.
    func signalGroup(_ number: Int32) { kill(-identifier, number) }
}
