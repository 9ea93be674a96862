import Foundation
import PluginHost
import SequenceModel
import Testing

@testable import Training

/// Saving meets a full disk, or the process dies, at every single operation in turn.
struct CheckpointFaultTests {
    struct Setup {
        let folder = TemporaryFolder()
        let trainer: Trainer
        var checkpoints: String { folder.path }

        init() throws {
            let services = NoHostServices()
            let model = BigramModel(vocabulary: 256, fault: nil, services: services)
            let memory = try ParameterMemory(for: model, gradients: true)
            try memory.bind(to: model)
            try memory.initialise(model, seed: 1)
            trainer = try Trainer(
                model: model, memory: memory, splits: DataSplits(TrainingRunTests.text),
                options: TrainingRunTests.options(), services: services)
        }

        func save(_ files: any FileOperations) throws {
            let state = TrainingState(
                step: trainer.completedSteps, tokens: 0, trainingSeconds: 0, options: trainer.options, pluginSHA256: "",
                dataSHA256: "")
            try Checkpoint.write(
                state, memory: trainer.memory, optimizer: trainer.optimizer, configuration: .object([:]), folder: checkpoints,
                files: files)
        }

        func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: checkpoints).sorted() }
    }

    @Test func fullDiskLeavesTheCheckpointBefore() throws {
        let setup = try Setup()
        _ = try setup.trainer.step()
        try setup.save(SystemFiles())
        let before = try contents(setup.checkpoints + "/step-1/model.safetensors")
        _ = try setup.trainer.step()
        let counting = FaultyFiles(failing: .max)
        try setup.save(counting)
        try FileManager.default.removeItem(atPath: setup.checkpoints + "/step-2")
        #expect(counting.operations > 50)
        for failing in 0 ..< counting.operations {
            let error = zooError { try setup.save(FaultyFiles(failing: failing)) }
            #expect(error?.code == .temporary)
            #expect(error?.message.hasSuffix(": No space left on device") == true)
            // Nothing is left beside, but for the last operation: flushing the folder after the rename.
            let names = try setup.names()
            #expect(names == ["step-1"] || (failing == counting.operations - 1 && names == ["step-1", "step-2"]), "\(failing) \(names)")
            try Checkpoint.verify(setup.checkpoints + "/step-1")
            #expect(try contents(setup.checkpoints + "/step-1/model.safetensors") == before)
        }
    }

    @Test func deathAtAnyMomentLeavesAValidCheckpoint() throws {
        let setup = try Setup()
        _ = try setup.trainer.step()
        try setup.save(SystemFiles())
        _ = try setup.trainer.step()
        let counting = FaultyFiles(failing: .max)
        try setup.save(counting)
        var sawBoth = false
        for moment in 0 ..< counting.operations {
            try? FileManager.default.removeItem(atPath: setup.checkpoints + "/step-2")
            #expect(zooError { try setup.save(FaultyFiles(failing: moment, isKill: true)) } != nil)
            var warnings: [String] = []
            let latest = Checkpoint.latest(in: setup.checkpoints) { warnings.append($0) }
            let isNew = latest == setup.checkpoints + "/step-2"
            #expect(latest == setup.checkpoints + "/step-1" || isNew)
            sawBoth = sawBoth || isNew
            #expect(warnings.isEmpty)
            // The next save sweeps up what the dead process left.
            Checkpoint.purge(setup.checkpoints, keeping: 2, upTo: 2) { warnings.append($0) }
            #expect(try setup.names().allSatisfy { $0 == "step-1" || $0 == "step-2" })
        }
        #expect(sawBoth)
    }

    /// A step is saved again when its checkpoint was damaged: dying there may cost that one, never the others.
    @Test func deathWhileReplacingADamagedCheckpoint() throws {
        let setup = try Setup()
        _ = try setup.trainer.step()
        try setup.save(SystemFiles())
        _ = try setup.trainer.step()
        try setup.save(SystemFiles())
        let damaged = setup.checkpoints + "/step-2/state.json"
        let counting = FaultyFiles(failing: .max)
        try Data("damaged".utf8).write(to: URL(fileURLWithPath: damaged))
        try setup.save(counting)
        try Checkpoint.verify(setup.checkpoints + "/step-2")
        for moment in 0 ..< counting.operations {
            try? Data("damaged".utf8).write(to: URL(fileURLWithPath: damaged))
            _ = try? setup.save(FaultyFiles(failing: moment, isKill: true))
            #expect(Checkpoint.latest(in: setup.checkpoints) { _ in } != nil, "\(moment)")
            try setup.save(SystemFiles())
        }
    }

    @Test func fullDiskIsSaidInTheRun() throws {
        let folder = TemporaryFolder()
        // config.json and run.json take six operations each or so; fail well inside the second checkpoint.
        let counting = FaultyFiles(failing: .max)
        let first = try TrainingRunTests.run(folder.path + "/a", TrainingRunTests.options(steps: 6), files: counting)
        let begin = counting.operations
        _ = try first.run()
        let perCheckpoint = (counting.operations - begin) / 3
        let files = FaultyFiles(failing: begin + perCheckpoint + perCheckpoint / 2)
        let run = try TrainingRunTests.run(folder.path + "/b", TrainingRunTests.options(steps: 12), files: files)
        let error = zooError { _ = try run.run() }
        #expect(error?.code == .temporary)
        #expect(error?.message.hasPrefix("no checkpoint of step 8: cannot ") == true, "\(error?.message ?? "")")
        #expect(error?.message.hasSuffix(": No space left on device; the checkpoint of step 4 is good") == true)
        #expect(error?.hint == "make room, then continue with --resume")
        try Checkpoint.verify(folder.path + "/b/checkpoints/step-4")
    }

    @Test func atomicFileKeepsTheOldContent() throws {
        let folder = TemporaryFolder()
        let path = try folder.write("x", "old")
        let counting = FaultyFiles(failing: .max)
        try AtomicFile.write("new", to: path, files: counting)
        #expect(try contents(path) == Array("new".utf8))
        for failing in 0 ..< counting.operations - 1 {
            #expect(throws: FileFault.self) { try AtomicFile.write("newer", to: path, files: FaultyFiles(failing: failing)) }
            #expect(try contents(path) == Array("new".utf8))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["x"])
        }
        #expect(throws: FileFault(operation: "create", path: "/nowhere/.x.tmp-\(getpid())", number: ENOENT)) {
            try AtomicFile.write("x", to: "/nowhere/x")
        }
    }
}
