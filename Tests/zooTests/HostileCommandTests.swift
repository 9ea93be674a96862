import Foundation
import SequenceModel
import TestSupport
import Testing

/// A plugin that dies inside `zoo train`, `score`, `generate` or `bench` does not take the last word with it.
@Suite(.serialized) struct HostileCommandTests {
    private func path(_ id: String) throws -> String { try #require(HostilePlugin.named(id), "\(id)").library() }

    private func arguments(_ id: String, _ out: String) throws -> [String] {
        [
            "train", id, "--plugins", try path(id), "--parameters", "10k", "--context", "32", "--batch", "4", "--steps", "4",
            "--threads", "1", "--quiet", "--out", out,
        ]
    }

    @Test(arguments: [
        ("crash", "crashed: SIGSEGV (segmentation fault)"), ("leave", "ended the process with status 3"),
        ("exit", "ended the process with status 0"), ("throw", "crashed: SIGABRT (aborted)"), ("trap", "crashed: SIG"),
    ])
    func training(_ way: String, _ words: String) throws {
        let id = "hostile-dies-\(way)-at-training"
        let out = try TemporaryFolder.make() + "/out"
        let result = try ZooProcess(arguments(id, out)).wait()
        #expect(!result.wasKilled && result.status == 2, "\(result.status)")
        #expect(result.errors.contains("error: \(id) \(words)"), "\(result.errors)")
        #expect(result.errors.contains(", in loss_and_gradient\nhint: tell the author of \(try path(id)); "), "\(result.errors)")
        #expect(result.output.isEmpty)
    }

    /// Before training the model is asked how large it becomes, in a process of its own.
    @Test(arguments: ["crash", "trap", "exit", "leave", "throw"]) func making(_ way: String) throws {
        let id = "hostile-dies-\(way)-at-create"
        let result = try ZooProcess(arguments(id, try TemporaryFolder.make() + "/out")).wait()
        #expect(!result.wasKilled && result.status == 2, "\(result.status)")
        #expect(result.errors.contains("error: \(id) crashed: ") && result.errors.contains(" in create"), "\(result.errors)")
    }

    @Test func divergence() throws {
        let id = "hostile-gradient-loss-nan-late"
        let out = try TemporaryFolder.make() + "/out"
        let result = try ZooProcess(arguments(id, out) + ["--steps", "40"]).wait()
        #expect(result.status == 1 && result.errors.contains("\(id) diverged at step 21: the loss is nan"), "\(result.errors)")
    }

    /// A run directory whose model is then taken for that of the plugin `id`.
    private func checkpoint(of id: String) throws -> String {
        let out = try TemporaryFolder.make() + "/out"
        let honest = "hostile-loss-none"
        let result = try ZooProcess(arguments(honest, out)).wait()
        try #require(result.status == 0, "\(result.errors)")
        let config = URL(fileURLWithPath: out + "/config.json")
        let text = try String(contentsOf: config, encoding: .utf8)
        try Data(text.replacing(honest, with: id).utf8).write(to: config)
        return out
    }

    @Test func scoring() throws {
        let id = "hostile-dies-abort-at-score"
        let folder = try checkpoint(of: id)
        let result = try ZooProcess.run(
            "score", folder, "--plugins", try path(id), "--data", CompareTests.text, "--quiet")
        #expect(!result.wasKilled && result.status == 2)
        #expect(result.errors.contains("error: \(id) crashed: SIGABRT (aborted), in score\n"), "\(result.errors)")
    }

    @Test func generating() throws {
        let id = "hostile-dies-crash-at-append"
        let folder = try checkpoint(of: id)
        let result = try ZooProcess.run("generate", folder, "--plugins", try path(id), "--tokens", "20")
        #expect(!result.wasKilled && result.status == 2)
        #expect(result.errors.contains("error: \(id) crashed: SIGSEGV (segmentation fault), in append\n"), "\(result.errors)")
    }

    @Test func benchmarking() throws {
        let cases = [("train", "hostile-dies-crash-at-training", "loss_and_gradient"), ("decode", "hostile-dies-crash-at-append", "append")]
        for (command, id, function) in cases {
            let config = try TemporaryFolder.make() + "/config.json"
            try Data("{\"model_type\":\"\(id)\",\"hidden_size\":4}".utf8).write(to: URL(fileURLWithPath: config))
            let result = try ZooProcess.run("bench", command, "--plugins", try path(id), "--config", config, "--context", "32")
            #expect(!result.wasKilled && result.status == 2)
            #expect(result.errors.contains("error: \(id) crashed: SIGSEGV (segmentation fault), in \(function)\n"), "\(result.errors)")
        }
    }

    /// A model that does not come back is named when somebody asks to stop, and the second request ends it.
    @Test(arguments: [SIGINT, SIGTERM]) func hanging(_ signal: Int32) throws {
        let id = "hostile-dies-hang-at-training"
        let out = try TemporaryFolder.make() + "/out"
        let process = try ZooProcess(arguments(id, out))
        while process.isRunning, !FileManager.default.fileExists(atPath: out + "/log.jsonl") { usleep(2000) }
        usleep(300_000)
        process.signal(signal)
        usleep(4_500_000)
        #expect(process.isRunning)
        process.signal(signal)
        let result = try process.wait()
        #expect(!result.wasKilled && result.status == 130, "\(result.status)")
        #expect(
            result.errors == "note: \(id) does not return from loss_and_gradient; a second signal ends it at once\n", "\(result.errors)")
    }

    /// What is killed takes its child along, and leaves the run directory free.
    @Test func killed() throws {
        let id = "hostile-dies-hang-at-training"
        let out = try TemporaryFolder.make() + "/out"
        let process = try ZooProcess(arguments(id, out))
        while process.isRunning, !FileManager.default.fileExists(atPath: out + "/log.jsonl") { usleep(2000) }
        process.signal(SIGKILL)
        let ending = try process.wait()
        #expect(ending.wasKilled && ending.status == SIGKILL)
        let next = try ZooProcess(arguments("hostile-dies-crash-at-training", out) + ["--resume"]).wait()
        #expect(next.status == 2 && !next.errors.contains("in use"), "\(next.errors)")
    }

    /// Destructors that crash run after everything was said and done: they do not run.
    @Test func ending() throws {
        let id = "hostile-dies-crash-at-unload"
        let list = try ZooProcess.run("list", "--plugins", try path(id))
        #expect(!list.wasKilled && list.status == 0 && list.output.contains(id), "\(list.errors)")
        let train = try ZooProcess(arguments(id, try TemporaryFolder.make() + "/out")).wait()
        #expect(!train.wasKilled && train.status == 0, "\(train.errors)")
    }
}
