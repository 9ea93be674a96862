import Glibc
import PluginHost
import SequenceModel

/// Tries tests on a plugin, each in a child process of its own, two at a time.
public struct ConformanceRunner {
    /// Program and first arguments of the child; `ChildArguments` come after.
    public let command: [String]
    /// Decides every random choice of the tests: one that is tried alone sees what it sees among all.
    public let seed: UInt64
    /// Wall time of one child.
    public var secondsPerTest = 45
    /// Wall time for loading the file and asking what it holds.
    public var secondsToLoad = 10
    /// At least 1. Children share the processors, and `secondsPerTest` is wall time.
    public var childrenAtOnce = 2

    /// Nothing is started before `models` or `run`.
    public init(command: [String], seed: UInt64) {
        self.command = command
        self.seed = seed
    }

    /// The models that the file holds. Throws `CancellationError` when the user asks to stop, `.plugin` with one message for a file that is no plugin or that a process does not survive.
    public func models(path: String) throws -> [String] {
        _ = try PluginFile.inspect(path)
        let child = try TestChild(command + ["--path", path, "--seconds", "\(secondsToLoad)"], limit: .seconds(secondsToLoad))
        while !child.poll() {
            if Interruption.isRequested { child.stop(.interrupted) }
            usleep(1000)
        }
        if child.end == .exited(TestChild.finished), let answer = try? JSONParser.parse(child.reportText) {
            if let refusal = answer["refusal"]?.stringValue { throw ZooError(.plugin, refusal) }
            if let models = answer["models"]?.arrayValue { return models.compactMap(\.stringValue) }
        }
        if child.end == .interrupted { throw CancellationError() }
        throw ZooError(.plugin, "\(path): \(describe(child, seconds: secondsToLoad)) while it was loaded, in a process of its own")
    }

    /// Tries `tests` on the model; results in the order of `tests`. `onResult` is told of each as it comes, in any order. Throws
    /// `CancellationError` when the user asks to stop, `.temporary` when no child can be started.
    public func run(
        _ tests: [ConformanceTest], path: String, model: String, onResult: (TestResult) -> Void = { _ in }
    ) throws -> [TestResult] {
        var results: [String: TestResult] = [:]
        var waiting = tests[...]
        var active: [(test: ConformanceTest, child: TestChild)] = []
        while !waiting.isEmpty || !active.isEmpty {
            if Interruption.isRequested {
                for (_, child) in active { child.stop(.interrupted) }
                throw CancellationError()
            }
            while active.count < childrenAtOnce, let test = waiting.popFirst() {
                let arguments = [
                    "--path", path, "--seconds", "\(secondsPerTest)", "--test", test.name, "--model", model, "--seed", "\(seed)",
                ]
                active.append((test, try TestChild(command + arguments, limit: .seconds(secondsPerTest))))
            }
            var stillActive: [(test: ConformanceTest, child: TestChild)] = []
            for (test, child) in active {
                guard child.poll() else {
                    stillActive.append((test, child))
                    continue
                }
                let result = result(of: child, test)
                results[test.name] = result
                onResult(result)
            }
            active = stillActive
            usleep(1000)
        }
        return tests.compactMap { results[$0.name] }
    }

    /// Tries `tests` in this process, one after another: for a debugger.
    public func runInProcess(
        _ tests: [ConformanceTest], path: String, model: String, onResult: (TestResult) -> Void = { _ in }
    ) -> [TestResult] {
        tests.map { test in
            let result = test.run(CheckContext(path: path, modelID: model, seed: seed))
            onResult(result)
            return result
        }
    }

    private func result(of child: TestChild, _ test: ConformanceTest) -> TestResult {
        if child.end == .exited(TestChild.finished), let value = try? JSONParser.parse(child.reportText),
            let result = TestResult(value), result.test == test.name
        {
            return result
        }
        return TestResult(test: test.name, outcome: .crashed, detail: describe(child, seconds: secondsPerTest), seed: seed)
    }

    /// How a child ended that did not finish, where it was, and its last words.
    private func describe(_ child: TestChild, seconds: Int) -> String {
        var text =
            switch child.end {
            case .exited(let status): "ended the process with status \(status)"
            case .killed(let signal) where signal == SIGXCPU: "used up its processor time (SIGXCPU)"
            case .killed(let signal): "crashed with \(SignalName.of(signal)) (\(String(cString: strsignal(signal))))"
            case .timedOut: "took longer than \(seconds) seconds"
            case .interrupted, nil: "was interrupted"
            }
        let call = child.callInProgress
        if !call.isEmpty { text += " in \(call)" }
        let words = child.lastWords
        if !words.isEmpty { text += "; last words: \(words)" }
        return text
    }
}
