import Experiments
import Foundation
import PluginHost
import SequenceModel
import Testing

/// Runs nothing: writes the result that `act` gives, or ends as it says.
private final class FakeRunner: JobRunner {
    var started: [String] = []
    let act: (JobSpecification) -> (JobEnding, ResultRow?)
    init(_ act: @escaping (JobSpecification) -> (JobEnding, ResultRow?)) { self.act = act }

    func run(
        _ job: JobSpecification, in folder: ComparisonFolder.RunFolder, progress: (JobProgress) -> Void
    ) throws -> JobEnding {
        started.append(job.id)
        let (ending, row) = act(job)
        if let row { try JSONFile.write(StoredResult(hash: try job.hash(), row: row), to: folder.result) }
        return ending
    }
}

struct ComparisonTests {
    let plan = examplePlan([exampleJob("a"), exampleJob("b"), exampleJob("c")])

    private func finish(_ job: JobSpecification) -> (JobEnding, ResultRow?) { (.exited(0), exampleRow(job.model)) }

    @Test func writesPlanFirstAndResultsLast() throws {
        let folder = ComparisonFolder(try TemporaryFolder().path + "/new")
        defer { try? FileManager.default.removeItem(atPath: folder.path) }
        let runner = FakeRunner { job in
            #expect(FileManager.default.fileExists(atPath: folder.plan))
            #expect(FileManager.default.fileExists(atPath: folder.run(job.id).job))
            #expect(!FileManager.default.fileExists(atPath: folder.results))
            return finish(job)
        }
        let results = try Comparison(folder: folder, runner: runner).carryOut(plan)
        #expect(runner.started == ["a-seed-1", "b-seed-1", "c-seed-1"])
        #expect(results.rows.map(\.model) == ["a", "b", "c"])
        #expect(try ComparisonResults.read(folder.results) == results)
    }

    @Test func goesOnWhereItWasInterrupted() throws {
        let temporary = try TemporaryFolder()
        let folder = ComparisonFolder(temporary.path)
        let first = FakeRunner { $0.model == "b" ? (.interrupted, nil) : finish($0) }
        let error = try #require(message { _ = try Comparison(folder: folder, runner: first).carryOut(plan) })
        #expect(error.code == .interrupted && error.hint == "the same command goes on where this one stopped")
        #expect(first.started == ["a-seed-1", "b-seed-1"])
        #expect(!FileManager.default.fileExists(atPath: folder.results))

        let second = FakeRunner(finish)
        var wasDone: [Bool] = []
        let results = try Comparison(folder: folder, runner: second).carryOut(plan) {
            if case .ends(_, _, _, _, let done) = $0 { wasDone.append(done) }
        }
        #expect(second.started == ["b-seed-1", "c-seed-1"])
        #expect(wasDone == [true, false, false])
        #expect(results.rows.map(\.model) == ["a", "b", "c"])
    }

    @Test func aResultOfAnotherJobIsNotTaken() throws {
        let temporary = try TemporaryFolder()
        let folder = ComparisonFolder(temporary.path)
        _ = try Comparison(folder: folder, runner: FakeRunner(finish)).carryOut(plan)
        for id in ["a-seed-1", "b-seed-1", "c-seed-1"] { try FileManager.default.removeItem(atPath: folder.run(id).result) }
        try JSONFile.write(
            StoredResult(hash: "other", row: exampleRow("a", bits: 9)), to: folder.run("a-seed-1").result)
        let runner = FakeRunner(finish)
        let results = try Comparison(folder: folder, runner: runner).carryOut(plan)
        #expect(runner.started.count == 3 && results.rows[0].bitsPerByte == 2.5)
    }

    @Test func failuresAreRowsAndAreNotRunAgainUnlessAsked() throws {
        let temporary = try TemporaryFolder()
        let folder = ComparisonFolder(temporary.path)
        let failing = FakeRunner { $0.model == "b" ? (.signalled(SIGSEGV), nil) : finish($0) }
        let results = try Comparison(folder: folder, runner: failing).carryOut(plan)
        #expect(results.rows.map(\.status) == [.ok, .crashed, .ok])
        #expect(results.rows[1].detail == "SIGSEGV (segmentation fault) before the first step")
        let again = FakeRunner(finish)
        _ = try Comparison(folder: folder, runner: again).carryOut(plan)
        #expect(again.started.isEmpty)
        let retry = FakeRunner(finish)
        let better = try Comparison(folder: folder, runner: retry, retriesFailures: true).carryOut(plan)
        #expect(retry.started == ["b-seed-1"])
        #expect(better.rows.map(\.status) == [.ok, .ok, .ok])
    }

    @Test(arguments: [Int32(64), 70, 75, 130])
    func whatIsNotTheModelsFaultIsTriedAgain(_ status: Int32) throws {
        let temporary = try TemporaryFolder()
        let folder = ComparisonFolder(temporary.path)
        let one = examplePlan([exampleJob("a")])
        let results = try Comparison(folder: folder, runner: FakeRunner { _ in (.exited(status), nil) }).carryOut(one)
        #expect(results.rows[0].detail == "exit status \(status) before the first step")
        let again = FakeRunner(finish)
        _ = try Comparison(folder: folder, runner: again).carryOut(one)
        #expect(again.started == ["a-seed-1"])
    }

    @Test func anotherPlanInTheSameFolderIsRefused() throws {
        let temporary = try TemporaryFolder()
        let folder = ComparisonFolder(temporary.path)
        _ = try Comparison(folder: folder, runner: FakeRunner(finish)).carryOut(plan)
        var other = examplePlan([exampleJob("a", rate: 0.01), exampleJob("b")])
        other.budget.steps = 20
        other.command = "zoo compare a b"
        other.started = "2027-01-01T00:00:00Z"
        let error = try #require(
            message { _ = try Comparison(folder: folder, runner: FakeRunner(finish)).carryOut(other) })
        #expect(error.code == .data)
        #expect(
            error.text == """
                \(folder.path) holds another comparison:
                  runs: a-seed-1, b-seed-1, c-seed-1 there, a-seed-1, b-seed-1 here
                  budget.steps: 10 there, 20 here
                  a-seed-1, training.learning_rate: 0.001 there, 0.01 here
                """)
        #expect(error.hint == "choose another --out, or repeat the command that began there: zoo compare mamba")
    }

    @Test func movedPluginsAndAnotherDayAreTheSamePlan() throws {
        let temporary = try TemporaryFolder()
        let folder = ComparisonFolder(temporary.path)
        _ = try Comparison(folder: folder, runner: FakeRunner(finish)).carryOut(plan)
        var moved = plan
        moved.started = "2027-01-01T00:00:00Z"
        for index in moved.runs.indices { moved.runs[index].plugin = "/elsewhere.so" }
        let runner = FakeRunner(finish)
        let results = try Comparison(folder: folder, runner: runner).carryOut(moved)
        #expect(runner.started.isEmpty && results.started == plan.started)
    }

    @Test func oneAtATime() throws {
        let temporary = try TemporaryFolder()
        let folder = ComparisonFolder(temporary.path)
        let inner = FakeRunner(finish)
        let outer = FakeRunner { job in
            let error = message { _ = try Comparison(folder: folder, runner: inner).carryOut(plan) }
            #expect(error?.code == .temporary)
            #expect(error?.text == "another comparison is at work in \(folder.path)")
            return finish(job)
        }
        _ = try Comparison(folder: folder, runner: outer).carryOut(plan)
        #expect(inner.started.isEmpty && outer.started.count == 3)
    }

    /// What could not be sized is a row at once, without a folder; when a later call can size it, it is run.
    @Test func whatCouldNotBeSizedIsARow() throws {
        let temporary = try TemporaryFolder()
        let folder = ComparisonFolder(temporary.path)
        var broken = plan
        broken.runs[1].sizingFailure = SizingFailure(
            status: .crashed, detail: "SIGSEGV (segmentation fault) in propose")
        broken.runs[1].parameters = nil
        broken.runs[1].config = ConfigurationJSON(.object([:]))
        let first = FakeRunner(finish)
        let results = try Comparison(folder: folder, runner: first).carryOut(broken)
        #expect(first.started == ["a-seed-1", "c-seed-1"])
        #expect(results.rows.map(\.status) == [.ok, .crashed, .ok])
        #expect(
            results.rows[1].detail == "SIGSEGV (segmentation fault) in propose" && results.rows[1].parameters == nil)
        #expect(try ComparisonResults.read(folder.results) == results)
        #expect(!FileManager.default.fileExists(atPath: folder.run("b-seed-1").path))

        let second = FakeRunner(finish)
        let better = try Comparison(folder: folder, runner: second).carryOut(plan)
        #expect(second.started == ["b-seed-1"] && better.rows.allSatisfy { $0.status == .ok })
        #expect(try JSONFile.read(ComparisonPlan.self, from: folder.plan).runs[1].sizingFailure == nil)
    }

    @Test func resultsWithoutTheirPlanAreNotOverwritten() throws {
        let temporary = try TemporaryFolder()
        let report = try temporary.write("mine", "report.html")
        let runner = FakeRunner(finish)
        let error = try #require(
            message { _ = try Comparison(folder: ComparisonFolder(temporary.path), runner: runner).carryOut(plan) })
        #expect(error.code == .data && error.hint == "choose another --out")
        #expect(
            error.text
                == "\(report) would be overwritten: \(temporary.path) holds results without the plan they came from")
        #expect(runner.started.isEmpty && !FileManager.default.fileExists(atPath: temporary.path + "/plan.json"))
    }
}
