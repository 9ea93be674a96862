import Experiments
import Foundation
import Glibc
import PluginHost
import Synchronization
import Testing

private let log2 = log(2.0)

/// A shell script stands in for `zoo run-job`; its only argument is the path of `job.json`.
struct ProcessJobRunnerTests {
    private let temporary: TemporaryFolder
    private let folder: ComparisonFolder

    init() throws {
        temporary = try TemporaryFolder()
        folder = ComparisonFolder(temporary.path + "/out")
    }

    private func rows(
        _ script: String, timeoutMinutes: Double? = nil, grace: Double = 5,
        interrupted: @escaping () -> Bool = { false },
        progress: @escaping (JobProgress) -> Void = { _ in }
    ) throws -> [ResultRow] {
        let path = try temporary.write("cd \"$(dirname \"$1\")\"\n" + script, "job.sh")
        let runner = ProcessJobRunner(
            command: ["/bin/sh", path], timeoutMinutes: timeoutMinutes, graceSeconds: grace, isInterrupted: interrupted)
        let results = try Comparison(folder: folder, runner: runner).carryOut(examplePlan([exampleJob()])) {
            if case .progresses(_, let state, _, _) = $0 { progress(state) }
        }
        return results.rows
    }

    /// Two whole lines as training writes them, a nat of loss being 1.4427 bits, and one that was torn.
    private let log = """
        echo '{"step": 1, "tokens": 64, "loss": 5.5, "seconds": 0.5, "tokens_per_second": 128}' >> log.jsonl
        echo '{"step": 2, "tokens": 128, "loss": 4.5, "seconds": 1.25, "tokens_per_second": 120}' >> log.jsonl
        printf '{"step": 3, "to' >> log.jsonl

        """
    private let curve = [
        CurvePoint(tokens: 64, bitsPerByte: 5.5 / log2), CurvePoint(tokens: 128, bitsPerByte: 4.5 / log2),
    ]

    @Test func aResultIsTaken() throws {
        let row = exampleRow()
        let stored = try JSONFile.text(StoredResult(hash: try exampleJob().hash(), row: row))
        #expect(try rows("cat > result.json <<'END'\n\(stored)END\n") == [row])
    }

    @Test(arguments: [
        (SIGSEGV, "SIGSEGV (segmentation fault)"), (SIGABRT, "SIGABRT (aborted)"),
        (SIGKILL, "SIGKILL (killed; by the system if memory ran out)"),
    ])
    func crashIsARowWithSignalAndLastWords(_ signal: Int32, _ name: String) throws {
        let row = try #require(try rows(log + "echo first >&2; echo 'the last words' >&2; kill -\(signal) $$").first)
        #expect(row.status == .crashed)
        #expect(row.detail == "\(name) after step 2; last line: the last words")
        #expect(row.curve == curve)
        #expect(row.curveSeconds == [0.5, 1.25] && row.trainTokens == 128 && row.trainTokensPerSecond == 120)
        #expect(row.bitsPerByte == nil)
    }

    /// A model that dies when it decodes keeps the score it had.
    @Test func whatWasMeasuredBeforeACrashIsKept() throws {
        var partial = exampleRow()
        partial.decode = []
        let stored = try JSONFile.text(StoredResult(hash: try exampleJob().hash(), row: partial))
        let row = try #require(
            try rows(
                log
                    + "cat > partial.json <<'END'\n\(stored)END\necho '{\"phase\": \"decoding at 4k\"}' > phases.jsonl; kill -SEGV $$"
            ).first)
        #expect(row.status == .crashed && row.bitsPerByte == 2.5 && row.peakMemoryBytes == 1 << 20)
        #expect(row.detail == "SIGSEGV (segmentation fault) while decoding at 4k")
    }

    @Test func failureIsARowWithItsMessage() throws {
        let row = try #require(
            try rows("echo 'error: mamba: the state is gone' >&2; echo 'hint: ask' >&2; exit 2").first)
        #expect(row.status == .crashed)
        #expect(row.detail == "exit status 2 before the first step; last line: error: mamba: the state is gone")
    }

    @Test func endingWithoutAResultIsAFailure() throws {
        #expect(try rows("exit 0").first?.detail == "ended without a result before the first step")
    }

    @Test func divergedRowsComeFromTheRun() throws {
        var row = exampleRow(bits: nil)
        row.status = .diverged
        row.detail = "the loss was not finite at step 3"
        let stored = try JSONFile.text(StoredResult(hash: try exampleJob().hash(), row: row))
        #expect(try rows("cat > result.json <<'END'\n\(stored)END\n") == [row])
    }

    @Test func timeoutStopsTheWholeGroup() throws {
        let row = try #require(
            try rows(
                log + "sleep 100 & echo $! > child; trap '' TERM; wait; sleep 100", timeoutMinutes: 0.05, grace: 0.3
            ).first)
        #expect(row.status == .timeout)
        #expect(row.detail == "stopped after 3.0 s, the time a run may take, after step 2")
        let text = try String(contentsOfFile: folder.run("mamba-seed-1").path + "/child", encoding: .utf8)
        let child = try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        // Killed with its group; the system needs a moment to take it away.
        var isGone = false
        for _ in 0 ..< 100 where !isGone {
            isGone = kill(child, 0) != 0 || ProcessJobRunnerTests.isDead(child)
            if !isGone { usleep(20_000) }
        }
        #expect(isGone)
    }

    private static func isDead(_ identifier: pid_t) -> Bool {
        let status = (try? String(contentsOfFile: "/proc/\(identifier)/status", encoding: .utf8)) ?? "State:\tZ"
        return status.contains("State:\tZ") || status.contains("State:\tX")
    }

    @Test func interruptionAsksTheRunToEnd() throws {
        // Asked when it can hear.
        let ready = folder.run("mamba-seed-1").path + "/ready"
        let error = message {
            _ = try rows(
                "trap 'touch asked; exit 130' TERM; touch ready; sleep 100 & wait",
                interrupted: { FileManager.default.fileExists(atPath: ready) })
        }
        #expect(error?.code == .interrupted)
        #expect(FileManager.default.fileExists(atPath: folder.run("mamba-seed-1").path + "/asked"))
        #expect(!FileManager.default.fileExists(atPath: folder.run("mamba-seed-1").result))
    }

    @Test func progressIsReadFromTheLog() throws {
        let seen = Mutex<[JobProgress]>([])
        _ = try rows(
            log + "echo '{\"phase\": \"evaluating\"}' > phases.jsonl; sleep 0.3",
            progress: { state in
                seen.withLock { $0.append(state) }
            })
        let last = try #require(seen.withLock { $0.last })
        #expect(last.phase == "evaluating" && last.step == 2 && last.steps == 10)
        #expect(last.bitsPerByte == 4.5 / log2 && last.tokensPerSecond == 120)
        let training = try #require(seen.withLock { $0.first { $0.phase == "training" && $0.step == 2 } ?? $0.last })
        #expect(training.steps == 10)
    }

    @Test func theEnvironmentOfARun() throws {
        _ = try rows("echo $SWIFT_BACKTRACE $ZOO_COMPARE_PROCESS; ps -o pgid= -p $$ > group; echo $$ >> group")
        let place = folder.run("mamba-seed-1")
        let text = try String(contentsOfFile: place.standardOutput, encoding: .utf8)
        #expect(text == "enable=no \(getpid())\n")
        let numbers = try String(contentsOfFile: place.path + "/group", encoding: .utf8).split(
            whereSeparator: \.isWhitespace)
        #expect(numbers.count == 2 && numbers[0] == numbers[1], "a run leads a process group of its own")
    }

    @Test func aMissingProgramIsSaid() throws {
        let runner = ProcessJobRunner(command: ["/nowhere/zoo"], timeoutMinutes: nil)
        let error = message {
            _ = try Comparison(folder: folder, runner: runner).carryOut(examplePlan([exampleJob()]))
        }
        #expect(error?.code == .temporary && error?.text == "cannot start /nowhere/zoo: No such file or directory")
    }
}
