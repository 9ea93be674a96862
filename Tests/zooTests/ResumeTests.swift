import Foundation
import SequenceModel
import TestSupport
import Testing
import Training

/// 40 steps are 17 steps, kill -9, and the rest: the same bits, at one and at two threads. On the real command and a real plugin.
@Suite(.serialized) struct ResumeTests {
    static let text: String = {
        let path = (try? TemporaryFolder.make()) ?? "/tmp"
        let file = path + "/text.txt"
        try? Data(GrammarCorpus(seed: 11, size: 100_000).text).write(to: URL(fileURLWithPath: file))
        return file
    }()

    static func arguments(_ out: String, threads: Int, checkpointEvery: Int = 5) -> [String] {
        [
            "train", "transformer", "--data", text, "--parameters", "300k", "--context", "64", "--batch", "24", "--steps", "40",
            "--seed", "3", "--evaluate-every", "20", "--checkpoint-every", "\(checkpointEvery)", "--out", out, "--threads", "\(threads)",
            "--quiet",
        ]
    }

    /// What must not depend on interruptions.
    static func result(_ out: String) throws -> [String: Data] {
        var result: [String: Data] = [:]
        for name in ["model.safetensors", "config.json", "checkpoints/step-40/model.safetensors", "checkpoints/step-40/optimizer.safetensors"] {
            result[name] = try Data(contentsOf: URL(fileURLWithPath: "\(out)/\(name)"))
        }
        let lines = try Training.RunLog.read("\(out)/log.jsonl").filter { $0["event"] == nil }.map { line in
            ["step", "tokens", "loss", "gradient_norm", "learning_rate", "validation_loss"].map { "\(line[$0] ?? .null)" }
                .joined(separator: " ")
        }
        result["log"] = Data(lines.joined(separator: "\n").utf8)
        return result
    }

    static let uninterrupted = Result<[String: Data], any Error> {
        let out = try TemporaryFolder.make() + "/run"
        let ending = try ZooProcess(arguments(out, threads: 2)).wait()
        guard ending.status == 0 else { throw Failure(description: ending.errors) }
        return try result(out)
    }

    struct Failure: Error, CustomStringConvertible { let description: String }

    func lastStep(_ out: String) -> Int {
        (try? Training.RunLog.read("\(out)/log.jsonl"))?.last { $0["loss"] != nil }?["step"]?.integerValue ?? 0
    }

    func compare(_ out: String) throws {
        let expected = try ResumeTests.uninterrupted.get()
        let result = try ResumeTests.result(out)
        #expect(expected["log"]?.isEmpty == false)
        for (name, data) in expected { #expect(result[name] == data, "\(name)") }
    }

    @Test(arguments: [1, 2]) func killAndResumeIsBitIdentical(_ threads: Int) throws {
        let out = try TemporaryFolder.make() + "/run"
        let process = try ZooProcess(ResumeTests.arguments(out, threads: threads))
        while process.isRunning, lastStep(out) < 17 { usleep(500) }
        process.signal(SIGKILL)
        let ending = try process.wait()
        #expect(ending.wasKilled && ending.status == SIGKILL)
        #expect((17 ..< 40).contains(lastStep(out)))
        #expect(!FileManager.default.fileExists(atPath: out + "/model.safetensors"))
        let second = try ZooProcess(ResumeTests.arguments(out, threads: threads) + ["--resume"]).wait()
        #expect(second.status == 0, "\(second.errors)")
        try compare(out)
    }

    /// Killed at random moments, a dozen times: starting, training, saving.
    @Test func killedAgainAndAgain() throws {
        let out = try TemporaryFolder.make() + "/run"
        var stream = RandomKey(seed: 77).stream
        var kills = 0
        while kills < 12 {
            let isFirst = !FileManager.default.fileExists(atPath: out + "/run.json")
            let process = try ZooProcess(
                ResumeTests.arguments(out, threads: 1 + kills % 2, checkpointEvery: 1) + (isFirst ? [] : ["--resume"]))
            usleep(UInt32(20_000 + stream.index(below: 400_000)))
            process.signal(SIGKILL)
            let ending = try process.wait()
            guard ending.wasKilled else {
                #expect(ending.status == 0, "\(ending.errors)")
                break
            }
            kills += 1
        }
        #expect(kills > 1)
        let last = try ZooProcess(ResumeTests.arguments(out, threads: 2, checkpointEvery: 1) + ["--resume"]).wait()
        #expect(last.status == 0, "\(last.errors)")
        try compare(out)
    }

    /// Killed once, at a moment drawn over the whole of a run, and resumed: the same bits, each time. ZOO_KILLS says how often; 20 unless
    /// somebody asks for more.
    @Test func killedAtAnyMoment() throws {
        let wanted = ProcessInfo.processInfo.environment["ZOO_KILLS"].flatMap { Int($0) } ?? 20
        let clock = ContinuousClock()
        let undisturbed = try TemporaryFolder.make() + "/run"
        let begin = clock.now
        let whole = try ZooProcess(ResumeTests.arguments(undisturbed, threads: 2, checkpointEvery: 4)).wait()
        let usual = clock.now - begin
        #expect(whole.status == 0, "\(whole.errors)")
        var stream = RandomKey(seed: 78).stream
        var (kills, attempts) = (0, 0)
        while kills < wanted, attempts < 3 * wanted {
            attempts += 1
            let out = try TemporaryFolder.make() + "/run"
            let arguments = ResumeTests.arguments(out, threads: 1 + attempts % 2, checkpointEvery: 4)
            let process = try ZooProcess(arguments)
            usleep(UInt32(stream.uniform() * (usual / .microseconds(1))))
            process.signal(SIGKILL)
            // One that was done before the signal came tells nothing.
            guard try process.wait().wasKilled else { continue }
            kills += 1
            let hasBegun = FileManager.default.fileExists(atPath: out + "/run.json")
            let last = try ZooProcess(arguments + (hasBegun ? ["--resume"] : [])).wait()
            #expect(last.status == 0, "kill \(kills): \(last.errors)")
            try compare(out)
            try FileManager.default.removeItem(atPath: out)
        }
        #expect(kills == wanted)
    }

    @Test(arguments: [SIGINT, SIGTERM]) func askedToStop(_ signal: Int32) throws {
        let out = try TemporaryFolder.make() + "/run"
        let process = try ZooProcess(ResumeTests.arguments(out, threads: 2, checkpointEvery: 0))
        while process.isRunning, lastStep(out) < 3 { usleep(500) }
        process.signal(signal)
        let ending = try process.wait()
        #expect(!ending.wasKilled && ending.status == 130)
        let step = Checkpoint.steps(in: out + "/checkpoints").first ?? 0
        #expect(step >= 3 && step < 40)
        #expect(
            ending.errors.contains("error: interrupted after step \(step); its checkpoint is in \(out)/checkpoints\n"),
            "\(ending.errors)")
        #expect(ending.errors.contains("hint: the same command with --resume goes on from there"))
        let second = try ZooProcess(ResumeTests.arguments(out, threads: 2, checkpointEvery: 0) + ["--resume"]).wait()
        #expect(second.status == 0, "\(second.errors)")
        try compare(out)
    }

    /// The disk is full while the second checkpoint is saved.
    @Test func fullDiskKeepsTheCheckpointBefore() throws {
        let out = try TemporaryFolder.make() + "/run"
        let process = try ZooProcess(ResumeTests.arguments(out, threads: 2))
        while process.isRunning, Checkpoint.steps(in: out + "/checkpoints").isEmpty { usleep(500) }
        process.signal(SIGKILL)
        _ = try process.wait()
        let good = try #require(Checkpoint.steps(in: out + "/checkpoints").first)
        // Room for the parameters, not for the moments, which take twice as much.
        let full = try ZooProcess(ResumeTests.arguments(out, threads: 2) + ["--resume"], limit: 1_800_000).wait()
        #expect(!full.wasKilled && full.status == 75, "\(full.errors)")
        let next = (good / 5 + 1) * 5
        let path = "\(out)/checkpoints/step-\(next)"
        #expect(full.errors.contains("error: no checkpoint of step \(next): cannot write \(path).tmp-"), "\(full.errors)")
        #expect(full.errors.contains("/optimizer.safetensors: File too large; the checkpoint of step \(good) is good\n"))
        #expect(full.errors.contains("hint: make room, then continue with --resume"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: out + "/checkpoints") == ["step-\(good)"])
        try Checkpoint.verify("\(out)/checkpoints/step-\(good)")
        let third = try ZooProcess(ResumeTests.arguments(out, threads: 2) + ["--resume"]).wait()
        #expect(third.status == 0, "\(third.errors)")
        try compare(out)
    }
}
