import Experiments
import Foundation
import PluginHost
import SequenceModel
import Testing

/// Runs nothing: bits per byte depend on the learning rate alone, best near 0.003; "b" crashes when it is tuned, "c" always.
private final class RateRunner: JobRunner {
    var started: [JobSpecification] = []
    /// Asks to stop when this many runs were started.
    var limit = Int.max

    func run(
        _ job: JobSpecification, in folder: ComparisonFolder.RunFolder, progress: (JobProgress) -> Void
    ) throws -> JobEnding {
        if started.count >= limit { return .interrupted }
        started.append(job)
        if job.model == "c" { return .signalled(SIGSEGV) }
        let rate = job.training.value["learning_rate"]?.doubleValue ?? 0
        if job.model == "b", rate > 0.002, job.tuning != nil { return .signalled(SIGSEGV) }
        var row = job.row()
        row.bitsPerByte = 2 + abs(log(rate / 0.003))
        try JSONFile.write(StoredResult(hash: try job.hash(), row: row), to: folder.result)
        return .exited(0)
    }
}

@Suite struct TuningTests {
    private static func tuningJobs(_ model: String, _ rates: [Double]) -> [JobSpecification] {
        rates.enumerated().map { index, rate in
            var job = exampleJob(model, seed: 9, rate: rate)
            job.id = "\(model)-tuning-\(index + 1)"
            job.tuning = ConfigurationJSON(json("{\"learning_rate\": \(rate)}"))
            job.decodeContexts = []
            return job
        }
    }

    private var plan: ComparisonPlan {
        var plan = examplePlan([exampleJob("a", rate: 0.5), exampleJob("b", rate: 0.5), exampleJob("c", rate: 0.5)])
        plan.tuning = ["a", "b", "c"].flatMap { TuningTests.tuningJobs($0, [0.001, 0.003]) }
        return plan
    }

    @Test func gridIsEveryCombination() throws {
        let grid = try TuningGrid(["learning_rate=1e-3,3e-3", "weight_decay=0,0.1"])
        #expect(grid.points.map(TuningGrid.text) == [
            "learning_rate=0.001, weight_decay=0", "learning_rate=0.001, weight_decay=0.1",
            "learning_rate=0.003, weight_decay=0", "learning_rate=0.003, weight_decay=0.1",
        ])
    }

    @Test(arguments: [
        ("learning_rate", "--tune learning_rate: expected KEY=VALUE,VALUE,…"),
        ("learning_rat=1", "--tune learning_rat: no such training option"),
        ("steps=1,2", "--tune steps: that is part of the budget that all models share"),
        ("learning_rate=", "--tune learning_rate=: "),
        ("learning_rate=0.1,nan", "--tune learning_rate=0.1,nan: "),
        ("learning_rate=0.1,0.1", "--tune learning_rate=0.1,0.1: 0.1 is there twice"),
        ("beta1=2", "--tune beta1=2: "),
    ])
    func whatIsNoGridIsRefused(_ text: String, _ expected: String) throws {
        let error = try #require(message { _ = try TuningGrid([text]) })
        #expect(error.code == .usage && error.text.hasPrefix(expected), "\(error.text)")
    }

    @Test func nearNamesAreSuggestedAndRepeatsRefused() throws {
        #expect(message { _ = try TuningGrid(["learning_rat=1"]) }?.hint == "did you mean learning_rate?")
        #expect(message { _ = try TuningGrid(["clip=1", "clip=2"]) }?.text == "--tune names clip twice")
        let many = (1 ... 300).map(String.init).joined(separator: ",")
        #expect(message { _ = try TuningGrid(["clip=" + many]) }?.text == "--tune makes 300 combinations for each model; at most 256")
    }

    @Test func resultsAreTrainedWithTheBestOfTheGrid() throws {
        let temporary = try TemporaryFolder()
        let runner = RateRunner()
        let results = try Comparison(folder: ComparisonFolder(temporary.path), runner: runner).carryOut(plan)
        let trained = runner.started.filter { $0.tuning == nil }
        #expect(trained.map(\.id) == ["a-seed-1", "b-seed-1"])
        #expect(trained.map { $0.training.value["learning_rate"]?.doubleValue } == [0.003, 0.001])
        #expect(results.rows.map(\.learningRate) == [0.003, 0.001, 0.5])
        #expect(results.tuning.filter(\.isChosen).map { "\($0.model) \($0.text)" } == ["a learning_rate=0.003", "b learning_rate=0.001"])
        // Where nothing ended well there is nothing to train with.
        #expect(results.rows[2].status == .crashed)
        #expect(results.rows[2].detail.hasPrefix("no point of the tuning grid ended well; with learning_rate=0.003: SIGSEGV"))
        #expect(try ComparisonResults.read(temporary.path + "/results.json") == results)
    }

    @Test func goesOnInTheMiddleOfTuning() throws {
        let temporary = try TemporaryFolder()
        let first = RateRunner()
        first.limit = 3
        #expect(message { _ = try Comparison(folder: ComparisonFolder(temporary.path), runner: first).carryOut(plan) }?.code == .interrupted)
        let second = RateRunner()
        var finished: Int?
        let results = try Comparison(folder: ComparisonFolder(temporary.path), runner: second).carryOut(plan) {
            if case .begins(_, let count) = $0 { finished = count }
        }
        #expect(finished == 3)
        // What ended well is not done again, nor what failed.
        #expect(second.started.map(\.id) == ["b-tuning-2", "c-tuning-1", "c-tuning-2", "a-seed-1", "b-seed-1"])
        #expect(results.rows.map(\.learningRate) == [0.003, 0.001, 0.5])
        _ = try Comparison(folder: ComparisonFolder(temporary.path), runner: RateRunner()).carryOut(plan) {
            if case .begins(_, let count) = $0 { finished = count }
        }
        // All but the run that never starts.
        #expect(finished == 8)
    }

    @Test func anotherGridIsAnotherComparison() throws {
        let temporary = try TemporaryFolder()
        let folder = ComparisonFolder(temporary.path)
        _ = try Comparison(folder: folder, runner: RateRunner()).carryOut(plan)
        var other = plan
        other.tuning = TuningTests.tuningJobs("a", [0.001, 0.01])
        let error = try #require(message { _ = try Comparison(folder: folder, runner: RateRunner()).carryOut(other) })
        #expect(error.code == .data && error.text.contains("holds another comparison"))
    }

    @Test func hashOfAResultDoesNotKnowOfTuning() throws {
        var job = exampleJob()
        let hash = try job.hash()
        job.tuning = ConfigurationJSON(json(#"{"learning_rate": 0.001}"#))
        #expect(try job.hash() != hash)
    }
}
