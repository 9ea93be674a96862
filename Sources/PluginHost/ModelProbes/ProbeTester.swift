import Glibc
import Synchronization

/// Runs the self-tests of probes, each in a child process with a time limit, and lets those pass whose test did. A verdict
/// holds for the life of this object.
public final class ProbeTester: Sendable {
    /// The status with which a child says that the test passed.
    public static let passed: Int32 = 42
    /// The status with which a child says that it did not; what it wrote to its standard output says why.
    public static let failed: Int32 = 43

    private let command: [String]
    private let timeLimit: Duration
    private let verdicts = Mutex<[String: String]>([:])
    private static let maximumReason = 8192

    /// - Parameters:
    ///   - command: program and arguments; path of the plugin, id of the model and name of the probe are appended. It calls
    ///     `ProbeSelfTest.failure` and ends with `passed` or `failed`.
    ///   - timeLimit: for each child.
    public init(command: [String], timeLimit: Duration = .seconds(20)) {
        self.command = command
        self.timeLimit = timeLimit
    }

    /// The probe, ready to be called. Throws `.plugin` with the reason when it cannot be, or when its self-test failed, crashed or took
    /// too long.
    public func tested(_ probe: ModelProbe, of model: String, plugin: String) throws -> TestedProbe {
        let reason = probe.problem ?? verdict(probe.name, model, plugin)
        guard reason.isEmpty else {
            throw ZooError(
                .plugin, "probe \(probe.name) of \(model) is not called: \(reason)",
                hint: "the plugin is at fault: \(plugin)")
        }
        return TestedProbe(probe)
    }

    /// Empty when the test passed, else the reason.
    private func verdict(_ probe: String, _ model: String, _ plugin: String) -> String {
        let place = "\(plugin)\n\(model)\n\(probe)"
        if let known = verdicts.withLock({ $0[place] }) { return known }
        let verdict = run(probe, model, plugin)
        verdicts.withLock { $0[place] = verdict }
        return verdict
    }

    private func run(_ probe: String, _ model: String, _ plugin: String) -> String {
        // The child's words go through a file that has no name any more.
        let name = "/tmp/zoo-probe-XXXXXX"
        var path = Array((getenv("TMPDIR").map { String(cString: $0) + "/zoo-probe-XXXXXX" } ?? name).utf8CString)
        let descriptor = mkstemp(&path)
        guard descriptor >= 0 else { return "its self-test could not be run: \(String(cString: strerror(errno)))" }
        unlink(path)
        defer { close(descriptor) }
        guard let child = ProbeChild(command + [plugin, model, probe], output: descriptor) else {
            return "its self-test could not be tried, in a process of its own"
        }
        let outcome = child.wait(timeLimit: timeLimit)
        switch outcome {
        case .exited(ProbeTester.passed): return ""
        case .exited(ProbeTester.failed):
            var bytes = [UInt8](repeating: 0, count: ProbeTester.maximumReason)
            let count = max(0, pread(descriptor, &bytes, bytes.count, 0))
            let text = bytes[..<count].withUnsafeBufferPointer { ForeignString.readable($0) }
            var line = text[...]
            while line.last == " " { line.removeLast() }
            return line.isEmpty ? "its self-test failed" : String(line)
        default: return "its self-test \(outcome.reason(timeLimit: timeLimit)), in a process of its own"
        }
    }
}
