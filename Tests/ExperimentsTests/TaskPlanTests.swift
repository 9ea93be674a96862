import Evaluation
import Foundation
import PluginHost
import SequenceModel
import Testing
import Training

@testable import Experiments

/// A comparison on tasks: what is planned, what tuning chooses, what is written and summed up.
@Suite struct TaskPlanTests {
    /// Notes what it is asked; every model becomes what the budget says.
    private final class NotingSizer: ModelSizer {
        var asked: [SizingRequest] = []
        func size(_ request: SizingRequest) throws -> SizingAnswer {
            asked.append(request)
            return .sized(
                SizedModel(
                    configuration: ConfigurationJSON(json("{\"vocab_size\": \(request.alphabet ?? 256)}")), parameters: request.parameters,
                    initialisation: "ones"))
        }
    }

    private func candidate(_ id: String, _ capabilities: Capabilities, _ likelihood: Likelihood = .exact) -> ComparisonPlanner.Candidate {
        .init(
            description: ModelDescription(
                id: id, name: id, family: "f", summary: "", paper: "", licence: "", likelihood: likelihood, capabilities: capabilities,
                configurationSchema: "{}"), plugin: "/p/\(id).so", pluginSHA256: "ab")
    }

    private func plan(_ tasks: [String], tune: [String] = [], _ sizer: NotingSizer = NotingSizer()) throws -> ComparisonPlan {
        let specifications = try tasks.map { try TaskSpecification($0) }
        var training = ComparisonRequest.trainingOptions(steps: 100, minutes: nil, context: 256, batch: 4)
        training.split = "90/5/5"
        let request = ComparisonRequest(
            parameters: 1000, training: training, seeds: [1, 2], tuning: tune.isEmpty ? nil : try TuningGrid(tune), decodeContexts: [256],
            threads: 1, dataFiles: [], tasks: specifications)
        let planner = ComparisonPlanner(
            sizer: sizer, request: request, data: try DataSummary(tasks: specifications), command: "zoo", started: "2026-01-01T00:00:00Z")
        return try planner.plan([candidate("a", [.causal, .predicts]), candidate("b", [.predicts, .targetsInPlace], .none)])
    }

    @Test func everyModelOnEveryTask() throws {
        let sizer = NotingSizer()
        let plan = try plan(["parity", "mqar", "mqar:pairs=2"], sizer)
        #expect(
            plan.runs.prefix(6).map(\.id) == [
                "a-parity-seed-1", "b-parity-seed-1", "a-mqar-1-seed-1", "b-mqar-1-seed-1", "a-mqar-2-seed-1", "b-mqar-2-seed-1",
            ])
        #expect(plan.runs.count == 12 && plan.runs[3].label == "b on mqar, seed 1" && plan.runs[5].label == "b on mqar:pairs=2, seed 1")
        // Symbols of the task; the longest row that is tested, with the places that are put in where both directions are read.
        #expect(sizer.asked.map(\.alphabet) == [2, 2, 8192, 8192, 8192, 8192])
        #expect(sizer.asked.map(\.context) == [256, 512, 256, 257, 256, 257])
        #expect(plan.runs.map { $0.training.value["context"]?.integerValue }.prefix(4) == [40, 40, 64, 64])
        #expect(plan.runs.allSatisfy { $0.decodeContexts.isEmpty && $0.dataFiles.isEmpty })
        #expect(plan.budget.context == 64 && plan.data.sources == ["task parity", "task mqar", "task mqar:pairs=2"])
        let hashes = Set(try plan.runs.map { try $0.hash() })
        #expect(hashes.count == 12)
        // Through plan.json and back.
        let text = try JSONFile.text(plan)
        #expect(try JSONFile.text(JSONDecoder().decode(ComparisonPlan.self, from: Data(text.utf8))) == text)
    }

    /// Tuned on each task apart, also a model without likelihood: by accuracy, then by loss.
    @Test func tuningGoesByAccuracy() throws {
        let plan = try plan(["parity", "copy"], tune: ["learning_rate=0.001,0.01,0.1"])
        #expect(plan.tuning.count == 12 && plan.tuning[3].id == "b-parity-tuning-1")
        /// On parity the highest rate is most accurate, on copy all are and 0.01 has the lowest loss.
        final class Runner: JobRunner {
            func run(_ job: JobSpecification, in folder: ComparisonFolder.RunFolder, progress: (JobProgress) -> Void) throws -> JobEnding {
                let rate = job.training.value["learning_rate"]?.doubleValue ?? 0
                var row = job.row()
                row.bitsPerByte = abs(log(rate / 0.01))
                row.task?.validationAccuracy = job.task?.name == "parity" ? rate * 10 : 1
                try JSONFile.write(StoredResult(hash: try job.hash(), row: row), to: folder.result)
                return .exited(0)
            }
        }
        let folder = try TemporaryFolder()
        let results = try Comparison(folder: ComparisonFolder(folder.path + "/out"), runner: Runner()).carryOut(plan)
        let chosen = results.tuning.filter(\.isChosen)
        #expect(chosen.map { "\($0.model) \($0.task?.text ?? "") \($0.text)" } == [
            "a parity learning_rate=0.1", "b parity learning_rate=0.1", "a copy learning_rate=0.01", "b copy learning_rate=0.01",
        ])
        #expect(results.rows.map { $0.learningRate }.prefix(4) == [0.1, 0.1, 0.01, 0.01])
        #expect(try ComparisonResults.read(folder.path + "/out/results.json") == results)
    }

    private func row(_ model: String, seed: UInt64, accuracies: [Double]) throws -> ResultRow {
        var row = exampleRow(model, seed: seed, bits: nil)
        var task = try TaskResult(TaskSpecification("parity"))
        task.lengths = zip([40, 64, 128, 256], accuracies).map { length, accuracy in
            TaskLengthFigure(
                length: length, accuracy: accuracy, scaledAccuracy: 2 * accuracy - 1, wholeRows: accuracy, examples: 512, answers: 512,
                bitsPerAnswer: 1, stateBytes: 100)
        }
        task.curve = [TaskCurvePoint(step: 10, accuracy: 0.5), TaskCurvePoint(step: 20, accuracy: accuracies[0])]
        task.solvedAtStep = accuracies[0] > 0.95 ? 20 : nil
        row.task = task
        return row
    }

    @Test func summaries() throws {
        let rows = try [
            row("a", seed: 1, accuracies: [1, 1, 0.9, 0.8]), row("b", seed: 1, accuracies: [0.5, 0.5]), row("a", seed: 2, accuracies: [1, 1, 0.7, 0.6]),
        ]
        let found = TaskSummary.summarise(rows)
        #expect(found.map(\.model) == ["a", "b"] && found[0].lengths == [40, 64, 128, 256] && found[0].mainLength == 40)
        let accuracy = try #require(found[0].accuracy(at: 128))
        #expect(abs(accuracy.mean - 0.8) < 1e-12)
        // 12.706 × 0.1 √2 / √2
        #expect(abs((accuracy.halfWidth ?? 0) - 1.2706) < 1e-9)
        #expect(found[1].accuracy(at: 40) == .init(mean: 0.5, halfWidth: nil) && found[1].accuracy(at: 256) == nil)
        #expect(found[0].solvedSteps == [20, 20] && found[0].stateBytes(at: 40) == 100)
        #expect(ModelSummary.summarise(rows).isEmpty, "figures of tasks are no bits per byte")
    }

    /// Files from before there were tasks are read, and rows on text write no key for them.
    @Test func results() throws {
        var results = exampleResults([exampleRow()])
        #expect(!(try JSONFile.text(results).contains("\"task\"")))
        results.rows.append(try row("a", seed: 1, accuracies: [1, 1, 1, 1]))
        let text = try JSONFile.text(results)
        #expect(try JSONDecoder().decode(ComparisonResults.self, from: Data(text.utf8)) == results)
        results.rows[1].task?.lengths[2].accuracy = 1.5
        #expect(results.problem == "rows[1].task.lengths[2].accuracy: 1.5; allowed: 0 to 1")
    }
}
