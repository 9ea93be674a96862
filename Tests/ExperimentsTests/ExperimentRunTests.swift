import Experiments
import Foundation
import PluginHost
import SequenceModel
import Testing

/// Runs nothing: a job ends at its second look, so that several are at work at once where that is allowed.
private final class SlowRunner: JobRunner {
    var started: [String] = []
    var atWork = 0
    var mostAtWork = 0
    /// Is interrupted when it is started.
    var interrupted: String?
    var act: (JobSpecification) -> ResultRow = { job in
        var row = job.row()
        row.bitsPerByte = 2 + (job.training.value["learning_rate"]?.doubleValue ?? 0)
        return row
    }

    final class Running: RunningJob {
        let runner: SlowRunner
        let ends: () throws -> JobEnding
        var looks = 0
        var isStopped = false
        init(_ runner: SlowRunner, _ ends: @escaping () throws -> JobEnding) {
            self.runner = runner
            self.ends = ends
        }
        func poll(progress: (JobProgress) -> Void) throws -> JobEnding? {
            looks += 1
            guard looks > 1 || isStopped else { return nil }
            runner.atWork -= 1
            return isStopped ? .interrupted : try ends()
        }
        func stop() { isStopped = true }
    }

    func run(_ job: JobSpecification, in folder: ComparisonFolder.RunFolder, progress: (JobProgress) -> Void) throws -> JobEnding {
        .interrupted
    }

    func start(_ job: JobSpecification, in folder: ComparisonFolder.RunFolder) throws -> any RunningJob {
        started.append(job.id)
        atWork += 1
        mostAtWork = max(mostAtWork, atWork)
        return Running(self) { [self] in
            if job.id == interrupted { return .interrupted }
            try JSONFile.write(StoredResult(hash: try job.hash(), row: act(job)), to: folder.result)
            return .exited(0)
        }
    }
}

struct ExperimentRunTests {
    private func file(_ name: String = "e") throws -> ExperimentFile {
        try ExperimentFile(Array("name = \"\(name)\"\nmodels = \"all\"".utf8), name: "e.toml", models: ExperimentFileTests.models)
    }

    private func plans(rate: Double = 0.001, models: [String] = ["a", "b"]) -> [PlannedComparison] {
        let first = PlannedComparison(name: "first", plan: examplePlan(models.map { exampleJob($0, rate: $0 == "b" ? rate : 0.001) }))
        // Shares its runs with the first.
        let second = PlannedComparison(name: "second", plan: examplePlan([exampleJob("a"), exampleJob("c")]))
        return [first, second]
    }

    private func carryOut(_ runner: SlowRunner, _ path: String, _ plans: [PlannedComparison], jobs: Int = 2) throws -> [Bool] {
        var wasDone: [Bool] = []
        try ExperimentRun(folder: ExperimentFolder(path), runner: runner, concurrentRuns: jobs).carryOut(
            file(), text: [0x23], plans
        ) { if case .recorded(_, let done) = $0 { wasDone.append(done) } }
        return wasDone
    }

    @Test func onlyWhatAChangeTouchesIsRunAgain() throws {
        let temporary = try TemporaryFolder()
        let path = temporary.path + "/out"
        let first = SlowRunner()
        #expect(try carryOut(first, path, plans()) == [false, false, true, false])
        // The run that both comparisons have is done once.
        #expect(first.started == ["a-seed-1", "b-seed-1", "c-seed-1"] && first.mostAtWork == 2)
        let folder = ExperimentFolder(path)
        let records = try ExperimentRecord.read(folder.records)
        #expect(records.map { "\($0.comparison) \($0.number) \($0.row.model)" } == ["first 1 a", "first 2 b", "second 1 a", "second 2 c"])
        #expect(records[0].hash == records[2].hash && records[0].folder == records[2].folder)
        #expect(records.allSatisfy { FileManager.default.fileExists(atPath: "\(path)/\($0.folder ?? "")/result.json") })
        #expect(records[0].row.concurrentRuns == 2)
        #expect(try ComparisonResults.read(folder.comparison("second").results).rows.map(\.model) == ["a", "c"])
        let lines = try Data(contentsOf: URL(fileURLWithPath: folder.records))

        let again = SlowRunner()
        #expect(try carryOut(again, path, plans()) == [true, true, true, true] && again.started.isEmpty)
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.records)) == lines)

        // One model's option changes; then it changes back: what was done before is still there.
        let changed = SlowRunner()
        #expect(try carryOut(changed, path, plans(rate: 0.01)) == [true, true, true, false] && changed.started == ["b-seed-1"])
        #expect(try ExperimentRecord.read(folder.records).map(\.row.bitsPerByte) == [2.001, 2.01, 2.001, 2.001])
        let back = SlowRunner()
        #expect(try carryOut(back, path, plans()) == [true, true, true, true] && back.started.isEmpty)
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.records)) == lines)
    }

    /// Nobody waits for the last run of a comparison while another has work; what they share is still run once.
    @Test func comparisonsShareTheProcessors() throws {
        let temporary = try TemporaryFolder()
        let alone = [
            PlannedComparison(name: "first", plan: examplePlan([exampleJob("a")])),
            PlannedComparison(name: "second", plan: examplePlan([exampleJob("b")])),
            PlannedComparison(name: "third", plan: examplePlan([exampleJob("a"), exampleJob("c")])),
        ]
        for jobs in [1, 2, 3] {
            let runner = SlowRunner()
            let path = temporary.path + "/out\(jobs)"
            var finished: [String] = []
            try ExperimentRun(folder: ExperimentFolder(path), runner: runner, concurrentRuns: jobs).carryOut(file(), text: [0x23], alone) {
                if case .finished(let name, _) = $0 { finished.append(name) }
            }
            #expect(runner.mostAtWork == min(jobs, 2) && runner.started == ["a-seed-1", "b-seed-1", "c-seed-1"])
            #expect(finished == ["first", "second", "third"])
            let records = try ExperimentRecord.read(path + "/results.jsonl")
            #expect(records.map(\.comparison) == ["first", "second", "third", "third"] && records.map(\.row.model) == ["a", "b", "a", "c"])
        }
    }

    @Test func anInterruptionStopsAllAndTheNextCallGoesOn() throws {
        let temporary = try TemporaryFolder()
        let path = temporary.path + "/out"
        let first = SlowRunner()
        first.interrupted = "b-seed-1"
        let models = ["a", "b", "c", "d"]
        let error = try #require(message { _ = try carryOut(first, path, plans(models: models), jobs: 3) })
        #expect(error.code == .interrupted && first.started.count <= 4 && first.atWork == 0)
        #expect(try ExperimentRecord.read(path + "/results.jsonl").map(\.row.model) == ["a"])
        let second = SlowRunner()
        let done = try carryOut(second, path, plans(models: models), jobs: 3)
        #expect(done.filter(\.self).count >= 2 && !second.started.contains("a-seed-1") && second.started.contains("b-seed-1"))
        // As one that was never interrupted.
        let whole = temporary.path + "/whole"
        _ = try carryOut(SlowRunner(), whole, plans(models: models), jobs: 3)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path + "/results.jsonl")) == Data(contentsOf: URL(fileURLWithPath: whole + "/results.jsonl")))
    }

    /// A model's results wait for its own tuning and for nobody else's.
    @Test func tuningDecidesBeforeItsModelsResults() throws {
        func tuning(_ model: String, _ rate: Double) -> JobSpecification {
            var job = exampleJob(model, seed: 9, rate: rate)
            job.id = "\(model)-tuning-\(rate)"
            job.tuning = ConfigurationJSON(json("{\"learning_rate\": \(rate)}"))
            return job
        }
        var plan = examplePlan([exampleJob("a"), exampleJob("b")])
        plan.tuning = [tuning("a", 0.5), tuning("a", 0.25), tuning("b", 0.5)]
        for jobs in [1, 2, 8] {
            let temporary = try TemporaryFolder()
            let runner = SlowRunner()
            let folder = ComparisonFolder(temporary.path)
            let results = try Comparison(folder: folder, runner: runner, concurrentRuns: jobs).carryOut(plan)
            #expect(runner.mostAtWork == min(jobs, 3))
            #expect(Array(runner.started.prefix(3)) == ["a-tuning-0.5", "a-tuning-0.25", "b-tuning-0.5"])
            #expect(results.rows.map(\.model) == ["a", "b"] && results.rows.map(\.bitsPerByte) == [2.25, 2.5])
            #expect(results.tuning.map(\.isChosen) == [false, true, true])
            #expect(results.rows[0].concurrentRuns == (jobs > 1 ? jobs : nil))
        }
    }

    @Test func anotherExperimentIsRefused() throws {
        let temporary = try TemporaryFolder()
        let path = temporary.path + "/out"
        _ = try carryOut(SlowRunner(), path, plans())
        let folder = ExperimentFolder(path)
        let error = try #require(message { try folder.check(name: "other") })
        #expect(error.code == .data && error.text == "\(path) holds the experiment e, not other" && error.hint == "choose another --out")
        _ = try temporary.write("x", "mine.txt")
        let stranger = try #require(message { try ExperimentFolder(temporary.path).check(name: "e") })
        #expect(stranger.text == "\(temporary.path) is not empty and holds no experiment: there is mine.txt")
    }

    /// A line that was cut off is passed over, and does not run into the next.
    @Test func tornLinesOfRecords() throws {
        let temporary = try TemporaryFolder()
        let path = temporary.path + "/out"
        let runner = SlowRunner()
        runner.interrupted = "b-seed-1"
        _ = message { _ = try carryOut(runner, path, plans(), jobs: 1) }
        let records = path + "/results.jsonl"
        let line = try String(contentsOfFile: records, encoding: .utf8)
        try (line + line.prefix(40)).write(toFile: records, atomically: true, encoding: .utf8)
        #expect(try ExperimentRecord.read(records).count == 1)
        _ = try carryOut(SlowRunner(), path, plans(), jobs: 1)
        #expect(try ExperimentRecord.read(records).count == 4)
        try (line + "{}\n" + line).write(toFile: records, atomically: true, encoding: .utf8)
        let error = try #require(message { _ = try ExperimentRecord.read(records) })
        #expect(error.code == .data && error.text == "\(records): line 2 is no record of a run")
    }
}
