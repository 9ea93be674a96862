import Glibc
import PluginHost

/// A child process that tries one thing: what it says and prints is caught in files that have no name.
final class TestChild {
    /// Bytes at the start of the report file in which the name of the call in progress stands.
    static let pageBytes = 4096
    /// Where the child finds the report file.
    static let reportDescriptor: Int32 = 3
    /// How the child says that its report is whole.
    static let finished: Int32 = 42

    private let process: pid_t
    private let report: Int32
    private let output: Int32
    private let begin = ContinuousClock.now
    private let limit: Duration
    private(set) var end: ProcessEnd?

    /// Starts `command` in a process group of its own. Throws `.temporary` when the system refuses.
    init(_ command: [String], limit: Duration) throws {
        self.limit = limit
        guard let program = command.first else { throw ZooError(.internalBug, "no command for the child process") }
        let report = try TestChild.namelessFile()
        let output: Int32
        do {
            output = try TestChild.namelessFile()
        } catch {
            close(report)
            throw error
        }
        ftruncate(report, off_t(TestChild.pageBytes))
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)
        posix_spawn_file_actions_adddup2(&actions, report, TestChild.reportDescriptor)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        posix_spawnattr_setpgroup(&attributes, 0)
        var child = pid_t()
        let status = TestChild.withArguments(command) { arguments in
            TestChild.withArguments(TestChild.environment()) { environment in
                posix_spawn(&child, program, &actions, &attributes, arguments, environment)
            }
        }
        guard status == 0 else {
            close(report)
            close(output)
            throw ZooError(.temporary, "a child process cannot be started: \(String(cString: strerror(status)))")
        }
        process = child
        self.report = report
        self.output = output
    }

    deinit {
        if end == nil { stop(.interrupted) }
        close(report)
        close(output)
    }

    /// Whether the child has ended; ends it when its time is up.
    func poll() -> Bool {
        if end != nil { return true }
        var status: Int32 = 0
        let got = waitpid(process, &status, WNOHANG)
        if got == process {
            // What it started itself goes too.
            kill(-process, SIGKILL)
            end = status & 0x7F == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal: status & 0x7F)
            return true
        }
        if ContinuousClock.now - begin > limit {
            stop(.timedOut)
            return true
        }
        return false
    }

    /// Kills the child and all that it started.
    func stop(_ reason: ProcessEnd) {
        guard end == nil else { return }
        kill(-process, SIGKILL)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        end = reason
    }

    /// The call that was in progress when it ended; empty when none was.
    var callInProgress: String {
        let bytes = TestChild.read(report, at: 0, count: TestChild.pageBytes)
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// What the child reported.
    var reportText: [UInt8] { TestChild.read(report, at: TestChild.pageBytes, count: 1 << 22) }

    /// The end of what it and the plugin printed, on one line.
    var lastWords: String {
        let size = lseek(output, 0, SEEK_END)
        let bytes = TestChild.read(output, at: max(0, Int(size) - 400), count: 400)
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").suffix(3)
        let text = lines.joined(separator: " / ")
        return String(text.unicodeScalars.filter { $0.value >= 32 }.map(Character.init).suffix(240))
    }

    private static func read(_ descriptor: Int32, at offset: Int, count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let got = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, count, off_t(offset)) }
        return Array(bytes.prefix(max(got, 0)))
    }

    private static func namelessFile() throws -> Int32 {
        let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var name = Array("\(folder)/zoo-check-XXXXXX".utf8CString)
        let descriptor = name.withUnsafeMutableBufferPointer { $0.baseAddress.map { mkstemp($0) } ?? -1 }
        guard descriptor >= 0 else {
            throw ZooError(.temporary, "no temporary file can be made in \(folder): \(String(cString: strerror(errno)))")
        }
        name.withUnsafeBufferPointer { if let base = $0.baseAddress { unlink(base) } }
        // Away from the descriptors of the child's own.
        let moved = fcntl(descriptor, F_DUPFD_CLOEXEC, 16)
        close(descriptor)
        guard moved >= 0 else { throw ZooError(.temporary, "no file descriptor is left") }
        return moved
    }

    /// Ours, without the crash reporter, which takes seconds.
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
