import Experiments
import Foundation
import PluginHost
import Report
import SequenceModel

/// `zoo run --dry-run`: what would be run, and what it would take.
struct ExperimentForecast {
    private let experiment: ExperimentFile
    private let plans: [PlannedComparison]
    private let folder: ExperimentFolder
    private let jobs: Int
    private let prober: ProcessProber

    init(
        _ experiment: ExperimentFile, _ plans: [PlannedComparison], folder: ExperimentFolder, jobs: Int, prober: ProcessProber
    ) {
        self.experiment = experiment
        self.plans = plans
        self.folder = folder
        self.jobs = jobs
        self.prober = prober
    }

    func print(isJSON: Bool, isQuiet: Bool) throws {
        let costs = try self.costs(isQuiet: isQuiet)
        let runs = costs.reduce(0) { $0 + $1.tuningRuns + $1.runs }
        let done = costs.reduce(0) { $0 + $1.finishedRuns }
        let seconds = costs.compactMap(\.remainingSeconds).reduce(0, +) / Double(jobs)
        let memory = costs.compactMap(\.memoryBytes).sorted().suffix(jobs).reduce(0, +)
        let operations = costs.reduce(0) { $0 + ($1.operations ?? 0) * Double($1.tuningRuns + $1.runs - $1.finishedRuns) }
        if isJSON {
            Swift.print(
                JSONValue.object([
                    "experiment": .string(experiment.name), "folder": .string(folder.path), "jobs": .integer(Int64(jobs)),
                    "runs": .integer(Int64(runs)), "finished_runs": .integer(Int64(done)), "operations": .number(operations),
                    "memory_bytes": .integer(Int64(memory)), "hours": .number(seconds / 3600),
                    "models": .array(costs.map(json)),
                ]).prettyPrinted, terminator: "")
            return
        }
        Swift.print(table(costs), terminator: "")
        let unknown = costs.count { $0.seconds == nil }
        Swift.print(
            """

            \(runs) runs, \(done) of them done; the others take about \(hours(seconds)) with \(jobs) at once, \
            \(ExperimentForecast.short(operations)) operations and \(SizeText.bytes(memory)) of memory\
            \(unknown > 0 ? ", those of \(unknown) models not counted" : "").
            Measured on some steps of each model, alone on the machine: runs beside each other are slower. Decoding is not counted.
            Nothing was written. The folder will be \(folder.path).
            """)
    }

    private func costs(isQuiet: Bool) throws -> [ExpectedCost] {
        let models = Set(plans.flatMap { $0.plan.runs.map(\.model) }).count
        let progress = Progress("measuring", total: nil, unit: "models", isQuiet: isQuiet)
        var known: [(job: JobSpecification, probe: Result<RunProbe, any Error>)] = []
        defer { progress.finish() }
        return try plans.flatMap { planned in
            try ExpectedCost.estimate(planned, in: folder.comparison(planned.name)) { job in
                // Only what speed depends on.
                var job = job
                job.seed = 0
                job.id = job.model
                job.decodeContexts = []
                if let same = known.first(where: { $0.job == job }) { return same.probe }
                let probe = try prober.probe(job).mapError { $0 as any Error }
                known.append((job, probe))
                progress.update(known.count, detail: "of at least \(models)")
                return probe
            }
        }
    }

    private func table(_ costs: [ExpectedCost]) -> String {
        var table = TextTable(columns: [
            ("comparison", .left), ("model", .left), ("parameters", .right), ("runs", .right), ("done", .right), ("tokens", .right),
            ("operations", .right), ("memory", .right), ("a run", .right), ("all", .right), ("", .left),
        ])
        for cost in costs {
            table.add([
                cost.comparison, cost.task.map { "\(cost.model) on \($0)" } ?? cost.model, cost.parameters.map(SizeText.short) ?? "–",
                cost.tuningRuns > 0 ? "\(cost.tuningRuns) + \(cost.runs)" : "\(cost.runs)", "\(cost.finishedRuns)",
                cost.tokens.map(SizeText.short) ?? "–", cost.operations.map(ExperimentForecast.short) ?? "–",
                cost.memoryBytes.map(SizeText.bytes) ?? "–", cost.seconds.map(SizeText.duration) ?? "–",
                cost.remainingSeconds.map(hours) ?? "–", cost.reason,
            ])
        }
        return table.text
    }

    private func json(_ cost: ExpectedCost) -> JSONValue {
        .object([
            "comparison": .string(cost.comparison), "model": .string(cost.model), "task": cost.task.map(JSONValue.string) ?? .null,
            "parameters": cost.parameters.json,
            "tuning_runs": .integer(Int64(cost.tuningRuns)), "runs": .integer(Int64(cost.runs)),
            "finished_runs": .integer(Int64(cost.finishedRuns)), "tokens": cost.tokens.json, "operations": cost.operations.json,
            "memory_bytes": cost.memoryBytes.json, "seconds": cost.seconds.json,
            "remaining_seconds": cost.remainingSeconds.json, "reason": .string(cost.reason),
        ])
    }

    private func hours(_ seconds: Double) -> String {
        seconds < 3600 ? SizeText.duration(seconds) : String(format: "%.1f h", seconds / 3600)
    }

    /// `1.2e15`
    private static func short(_ operations: Double) -> String { String(format: "%.1e", operations) }
}
