import Foundation
import PluginHost
import SequenceModel
import Testing

@testable import Training

struct TrainingRunTests {
    static let text = TextData(GrammarCorpus(seed: 1, size: 6000).text, name: "stories")

    static func options(steps: Int = 40) -> TrainingOptions {
        var options = TrainingOptions(steps: steps)
        options.context = 8
        options.batch = 2
        options.accumulate = 2
        options.learningRate = 0.01
        options.seed = 5
        options.checkpointEvery = 4
        options.evaluationBytes = 64
        return options
    }

    static func run(
        _ path: String, _ options: TrainingOptions = options(), start: TrainingRun.Start = .fresh, threads: Int = 1,
        fault: BigramModel.Fault? = nil, data: TextData = text, files: any FileOperations = SystemFiles(),
        plugin: String = "p", configuration: JSONValue = .object([:]), warnings: Warnings = Warnings()
    ) throws -> TrainingRun {
        try TrainingRun(
            source: ModelSource(factory: BigramFactory(fault: fault), pluginSHA256: plugin), configuration: configuration,
            splits: DataSplits(data, rule: SplitRule(options.split)), options: options, path: path, start: start, services: ThreadPool(threads: threads),
            files: files, onWarning: { warnings.texts.append($0) })
    }

    final class Warnings { var texts: [String] = [] }

    /// Everything of a finished run that must not depend on how it came about.
    static func result(_ path: String) throws -> [String: [UInt8]] {
        var result: [String: [UInt8]] = [:]
        for name in ["model.safetensors", "checkpoints/step-40/model.safetensors", "checkpoints/step-40/optimizer.safetensors"] {
            result[name] = try contents("\(path)/\(name)")
        }
        let lines = try RunLog.read("\(path)/log.jsonl").filter { $0["event"] == nil }.map { line in
            ["step", "tokens", "loss", "gradient_norm", "learning_rate", "validation_loss"].map { "\(line[$0] ?? .null)" }
                .joined(separator: " ")
        }
        result["log"] = Array(lines.joined(separator: "\n").utf8)
        return result
    }

    static let uninterrupted: [String: [UInt8]] = {
        let folder = TemporaryFolder()
        do {
            let outcome = try run(folder.path).run()
            guard outcome.status == .ok, outcome.steps == 40 else { return [:] }
            return try result(folder.path)
        } catch {
            return ["\(error)": []]
        }
    }()

    @Test func learns() throws {
        let folder = TemporaryFolder()
        var options = TrainingRunTests.options(steps: 200)
        options.learningRate = 0.05
        options.context = 64
        options.evaluateEvery = 100
        options.evaluationBytes = 300
        options.split = "80/20"
        let run = try TrainingRunTests.run(folder.path, options)
        var validations: [Double] = []
        run.onValidation = { validations.append($2) }
        let outcome = try run.run()
        #expect(outcome.status == .ok && outcome.tokens == 200 * 256)
        #expect(validations.count == 2 && validations[1] < validations[0] && validations[1] < 3.0)
        #expect(outcome.validationLoss == validations.last)
        #expect(try contents(run.directory.statusPath).count > 10)
    }

    /// 40 steps = 17 steps, a stop, and the rest; at one and at two threads.
    @Test(arguments: [1, 2]) func stopAndResumeIsBitIdentical(_ threads: Int) throws {
        let folder = TemporaryFolder()
        do {
            let first = try TrainingRunTests.run(folder.path, threads: threads)
            var steps = 0
            first.onStep = { steps = $0.step }
            first.shouldStop = { steps == 17 }
            #expect(try first.run().status == .interrupted)
            #expect(Checkpoint.steps(in: first.directory.checkpointsPath) == [17, 16])
            #expect(!FileManager.default.fileExists(atPath: first.directory.parametersPath))
        }
        try resumeAndCompare(folder, threads: 3 - threads, from: 17)
    }

    /// The process dies after step 17, its last checkpoint was that of step 16: lines of the log beyond it are written anew.
    @Test(arguments: [1, 2]) func deathAndResumeIsBitIdentical(_ threads: Int) throws {
        let folder = TemporaryFolder()
        let error = zooError {
            let run = try TrainingRunTests.run(folder.path, threads: threads, fault: BigramModel.Fault(kind: .error, step: 18))
            _ = try run.run()
        }
        #expect(error?.message == "step 18 of bigram: made to fail")
        // A line that was not finished when the process died.
        let log = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.path + "/log.jsonl"))
        try log.seekToEnd()
        try log.write(contentsOf: Array(#"{"step":18,"lo"#.utf8))
        try log.close()
        try resumeAndCompare(folder, threads: threads, from: 16)
    }

    /// Ctrl-C in the middle of a step: what was begun of it is forgotten.
    @Test func cancelledStepChangesNothing() throws {
        let folder = TemporaryFolder()
        do {
            let run = try TrainingRunTests.run(folder.path, fault: BigramModel.Fault(kind: .cancelled, step: 18))
            var asked = 0
            // The host's flag goes up while step 18 is at work.
            run.onStep = { asked = $0.step }
            run.shouldStop = {
                defer { if asked == 17 { asked = 18 } }
                return asked == 18
            }
            #expect(try run.run().status == .interrupted)
            #expect(Checkpoint.steps(in: run.directory.checkpointsPath).first == 17)
        }
        try resumeAndCompare(folder, threads: 1, from: 17)
    }

    /// Ctrl-C while the model is validated, and a kill after the last checkpoint: every validation is in the log once.
    @Test func validationsAreLoggedOnce() throws {
        let folder = TemporaryFolder()
        do {
            let run = try TrainingRunTests.run(folder.path)
            var steps = 0
            run.onStep = { steps = $0.step }
            // Validation is due at 4, 8, 12, …
            run.validate = { model in
                if steps == 12 { throw SequenceModelError(.cancelled, "made to stop") }
                let splits = try #require(run.data as? TextSource).splits
                let measure = ValidationLoss(
                    bytes: splits.data.bytes, range: splits.validationRange, context: 8, rows: 2, maximumBytes: 64, seed: 5)
                return try measure?.measure(model) ?? .nan
            }
            run.shouldStop = { steps == 12 }
            #expect(try run.run().status == .interrupted)
            run.validate = nil
        }
        try resumeAndCompare(folder, threads: 1, from: 12)
        // All is done but the last files: nothing is logged again.
        try FileManager.default.removeItem(atPath: folder.path + "/model.safetensors")
        try resumeAndCompare(folder, threads: 2, from: 40)
    }

    private func resumeAndCompare(_ folder: TemporaryFolder, threads: Int, from step: Int) throws {
        let run = try TrainingRunTests.run(folder.path, start: .resume, threads: threads)
        #expect(run.resumedStep == step)
        #expect(try run.run().steps == 40)
        let result = try TrainingRunTests.result(folder.path)
        #expect(!TrainingRunTests.uninterrupted.isEmpty)
        #expect(result.keys == TrainingRunTests.uninterrupted.keys)
        for (name, bytes) in TrainingRunTests.uninterrupted { #expect(result[name] == bytes, "\(name)") }
    }

    @Test func checkpointsAreFoundByNumberAndPurged() throws {
        let folder = TemporaryFolder()
        var options = TrainingRunTests.options(steps: 12)
        options.checkpointEvery = 1
        options.keep = 3
        _ = try folder.write("checkpoints/step-9.tmp-123/model.safetensors", "left by a crash")
        _ = try TrainingRunTests.run(folder.path, options).run()
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/checkpoints").sorted()
        #expect(names == ["step-10", "step-11", "step-12"])
        for name in ["step-1x", "step-007", "step--3", "steps-99", "step-99999999999999999999"] {
            _ = try folder.write("checkpoints/\(name)/manifest.json", "{}")
        }
        #expect(Checkpoint.steps(in: folder.path + "/checkpoints") == [12, 11, 10])
    }

    /// A damaged byte, a missing file, an incomplete directory: each is named, and the checkpoint before is used.
    @Test func damagedCheckpointsArePassedOver() throws {
        let folder = TemporaryFolder()
        var options = TrainingRunTests.options()
        options.keep = 4
        do {
            let first = try TrainingRunTests.run(folder.path, options)
            var steps = 0
            first.onStep = { steps = $0.step }
            first.shouldStop = { steps == 17 }
            _ = try first.run()
        }
        let checkpoints = folder.path + "/checkpoints"
        #expect(Checkpoint.steps(in: checkpoints) == [17, 16, 12, 8])
        var bytes = try contents(checkpoints + "/step-17/optimizer.safetensors")
        bytes[bytes.count / 2] ^= 1
        _ = try folder.write("checkpoints/step-17/optimizer.safetensors", bytes)
        try FileManager.default.removeItem(atPath: checkpoints + "/step-16/manifest.json")
        bytes = try contents(checkpoints + "/step-12/model.safetensors")
        _ = try folder.write("checkpoints/step-12/model.safetensors", Array(bytes.dropLast()))
        _ = try folder.write("checkpoints/step-30/manifest.json", "")
        _ = try folder.write("checkpoints/step-31/manifest.json", #"{"format":1,"complete":true,"files":[]}"#)
        _ = try folder.write("checkpoints/step-32/manifest.json", #"{"format":2,"complete":true,"files":[]}"#)
        _ = try folder.write(
            "checkpoints/step-33/manifest.json",
            #"{"format":1,"complete":true,"files":[{"name":"../../secret","bytes":1,"sha256":""}]}"#)
        let warnings = TrainingRunTests.Warnings()
        let second = try TrainingRunTests.run(folder.path, options, start: .resume, warnings: warnings)
        #expect(second.resumedStep == 8)
        #expect(
            warnings.texts == [
                "checkpoint passed over: \(checkpoints)/step-33/manifest.json has an entry that is malformed",
                "checkpoint passed over: \(checkpoints)/step-32/manifest.json is not the manifest of a complete checkpoint of format 1",
                "checkpoint passed over: \(checkpoints)/step-31/manifest.json does not list model.safetensors",
                "checkpoint passed over: \(checkpoints)/step-30/manifest.json: JSON, line 1, column 1: the text ends where a value was expected",
                "checkpoint passed over: \(checkpoints)/step-17/optimizer.safetensors is damaged: its SHA-256 is not what the manifest says",
                "checkpoint passed over: \(checkpoints)/step-16 is incomplete: it has no manifest.json",
                "checkpoint passed over: \(checkpoints)/step-12/model.safetensors has \(bytes.count - 1) bytes; the manifest says \(bytes.count)",
            ])
    }

    @Test func onlyOneProcessAtATime() throws {
        let folder = TemporaryFolder()
        let run = try TrainingRunTests.run(folder.path)
        let error = zooError { _ = try TrainingRunTests.run(folder.path, start: .resume) }
        #expect(error?.code == .temporary)
        #expect(error?.message.hasPrefix("\(folder.path) is in use by process \(getpid()) on ") == true)
        withExtendedLifetime(run) {}
    }

    @Test func startsAreNotMixedUp() throws {
        let folder = TemporaryFolder()
        let none = zooError { _ = try TrainingRunTests.run(folder.path, start: .resume) }
        #expect(none?.message == "there is no run in \(folder.path) to resume" && none?.hint == "leave out --resume to begin one")
        _ = try TrainingRunTests.run(folder.path, TrainingRunTests.options(steps: 2), start: .resumeIfPossible).run()
        let some = zooError { _ = try TrainingRunTests.run(folder.path) }
        #expect(some?.message == "\(folder.path) already holds a run")
        #expect(some?.hint == "continue it with --resume, or name another folder with --out")
        _ = try folder.write("foreign/config.json", "{}")
        let foreign = zooError { _ = try TrainingRunTests.run(folder.path + "/foreign", start: .resumeIfPossible) }
        #expect(
            foreign?.message
                == "\(folder.path)/foreign/config.json would be overwritten: \(folder.path)/foreign holds a model that no run made")
        let file = try folder.write("file", "x")
        #expect(zooError { _ = try TrainingRunTests.run(file) }?.message == "\(file) is not a folder")
    }

    @Test func resumingAnotherRunIsRefusedWithTheDifferences() throws {
        let folder = TemporaryFolder()
        _ = try TrainingRunTests.run(folder.path, TrainingRunTests.options(steps: 2)).run()
        var options = TrainingRunTests.options(steps: 3)
        options.learningRate = 0.02
        options.warmup = 1
        options.keep = 7
        let other = TextData(GrammarCorpus(seed: 2, size: 6000).text, name: "other")
        let error = zooError {
            _ = try TrainingRunTests.run(
                folder.path, options, start: .resume, data: other, plugin: "q",
                configuration: .object(["vocab_size": .integer(300)]))
        }
        #expect(error?.code == .data)
        #expect(
            error?.message == """
                this is not the run in \(folder.path):
                  the plugin's SHA-256 was p and is q
                  the data's SHA-256 was \(TrainingRunTests.text.sha256) and is \(other.sha256)
                  configuration key vocab_size was 256 and is 300
                  steps was 2 and is 3
                  learning_rate was 0.01 and is 0.02
                  warmup was not set and is 1
                """)
        // What changes no result may change.
        options = TrainingRunTests.options(steps: 2)
        options.keep = 9
        options.checkpointEvery = 1
        #expect(throws: Never.self) { try TrainingRunTests.run(folder.path, options, start: .resume).run() }
    }

    @Test func nonFiniteLossStopsBeforeTheUpdate() throws {
        for (kind, detail) in [
            (BigramModel.Fault.Kind.nonFiniteLoss, "diverged at step 6: the loss is nan"),
            (.nonFiniteGradient, "diverged at step 6: the gradient of bias is not finite"),
        ] {
            let folder = TemporaryFolder()
            let run = try TrainingRunTests.run(folder.path, fault: BigramModel.Fault(kind: kind, step: 6))
            var before: [UInt32] = []
            run.onStep = { _ in before = run.trainer.memory.views[0].floats!.map(\.bitPattern) }
            let outcome = try run.run()
            #expect(outcome.status == .diverged && outcome.detail == detail && outcome.steps == 5)
            #expect(run.trainer.memory.views[0].floats!.map(\.bitPattern) == before)
            #expect(Checkpoint.steps(in: run.directory.checkpointsPath) == [4])
            #expect(!FileManager.default.fileExists(atPath: run.directory.parametersPath))
            #expect(try RunLog.read(run.directory.logPath).last?["event"] == .string("diverged"))
            let status = try JSONParser.parse(try contents(run.directory.statusPath))
            #expect(status["status"] == .string("diverged") && status["detail"] == .string(detail))
            run.onStep = { _ in }
        }
    }

    @Test func changedDataStopTheRun() throws {
        let folder = TemporaryFolder()
        let path = try folder.write("data.txt", TrainingRunTests.text.bytes)
        let data = try TextData.load([path])
        let run = try TrainingRunTests.run(folder.path + "/run", data: data)
        run.onStep = { if $0.step == 6 { _ = try? folder.write("data.txt", "short") } }
        let error = zooError { _ = try run.run() }
        #expect(error?.message == "data file \(path) changed while it was in use: it had \(data.bytes.count) bytes and now has 5")
        #expect(Checkpoint.steps(in: run.directory.checkpointsPath) == [4])
    }

    @Test func minutesEndARun() throws {
        let folder = TemporaryFolder()
        var options = TrainingRunTests.options()
        options.steps = nil
        options.minutes = 0.5 / 60
        let run = try TrainingRunTests.run(folder.path, options)
        var rates: [Double] = []
        run.onStep = { rates.append($0.learningRate) }
        let outcome = try run.run()
        #expect(outcome.status == .ok && outcome.trainingSeconds >= 0.5 && outcome.steps == rates.count)
    }

    @Test func wrongModelsAreRefused() throws {
        let folder = TemporaryFolder()
        var options = TrainingRunTests.options()
        options.context = 600
        let long = TextData(GrammarCorpus(seed: 1, size: 30_000).text, name: "long")
        #expect(
            zooError { _ = try TrainingRunTests.run(folder.path + "/a", options, data: long) }?.message
                == "a context of 600 needs rows of 600 symbols; this configuration of bigram takes 512")
        #expect(
            zooError {
                _ = try TrainingRunTests.run(folder.path + "/b", configuration: .object(["vocab_size": .integer(100)]))
            }?.message == "this configuration of bigram knows 100 symbols; the data have 256 (bytes)")
        #expect(
            zooError { _ = try TrainingRunTests.run(folder.path + "/c", configuration: .object(["x": .null])) }?.message
                == "configuration of bigram: unknown key x")
    }
}
