import Evaluation
import Foundation
import Training

/// What the runs of one model on one task or text of one comparison will take, from a probe of one of them.
public struct ExpectedCost: Sendable {
    /// Name of the comparison.
    public var comparison: String
    /// Model id.
    public var model: String
    /// What it learns instead of the text; nil: the text.
    public var task: String?
    /// As counted; nil when it could not be sized.
    public var parameters: Int?
    /// Runs of the tuning grid.
    public var tuningRuns: Int
    /// Runs that give results.
    public var runs: Int
    /// Of those, how many are done.
    public var finishedRuns: Int
    /// Targets that one run learns from; nil where time is the budget.
    public var tokens: Int?
    /// Of training one run; nil where it is not known.
    public var operations: Double?
    /// Of one process.
    public var memoryBytes: Int?
    /// Of one run: training, validation and scoring, without decoding and the questions of a task; nil where it is not known.
    public var seconds: Double?
    /// Why figures are missing; empty when none is.
    public var reason: String

    /// Seconds of what is not done yet, one run at a time; nil where it is not known.
    public var remainingSeconds: Double? { seconds.map { $0 * Double(tuningRuns + runs - finishedRuns) } }

    /// - Parameters:
    ///   - jobs: of one model in one comparison, those of the tuning grid included; not empty.
    ///   - finished: how many of them are done.
    init?(_ comparison: String, _ jobs: [JobSpecification], finished: Int, probe: Result<RunProbe, any Error>?) throws {
        guard let job = jobs.first(where: { $0.tuning == nil }) ?? jobs.first else { return nil }
        self.comparison = comparison
        model = job.model
        task = job.task?.text
        parameters = job.parameters
        tuningRuns = jobs.count { $0.tuning != nil }
        runs = jobs.count - tuningRuns
        finishedRuns = finished
        reason = job.sizingFailure?.detail ?? ""
        let options = try TrainingOptions(json: job.training.value)
        tokens = options.plannedSteps.map { $0 * options.tokensPerStep }
        switch probe {
        case .success(let found)?:
            let steps = options.plannedSteps.map(Double.init) ?? (options.minutes ?? 0) * 60 / max(found.secondsPerStep, 1e-9)
            operations = steps * found.operationsPerStep
            memoryBytes = found.peakMemoryBytes
            // A loss without its gradient takes a third of a step.
            let perToken = found.secondsPerStep / Double(max(options.tokensPerStep, 1)) / 3
            let interval = options.evaluationInterval
            let validations = interval > 0 ? (steps / Double(interval)).rounded(.up) : 0
            let validation = validations * Double(min(options.evaluationSize, job.data.splits.validation)) * perToken
            let score = (found.scoreSecondsPerByte ?? 0) * Double(job.data.splits.test)
            seconds = steps * found.secondsPerStep + validation + score
        case .failure(let error)?: reason = "\(error)"
        case nil: break
        }
    }

    /// What a plan will take, model by model in the order of the plan.
    ///
    /// - Parameters:
    ///   - folder: where runs may be done already.
    ///   - probe: measures a run; called once for each model.
    /// - Throws: what `probe` throws.
    public static func estimate(
        _ planned: PlannedComparison, in folder: ComparisonFolder,
        probe: (JobSpecification) throws -> Result<RunProbe, any Error>
    ) throws -> [ExpectedCost] {
        let plan = planned.plan
        func key(_ job: JobSpecification) -> String { "\(job.model) \(job.task?.text ?? "")" }
        var order: [String] = []
        var jobs: [String: [JobSpecification]] = [:]
        for job in plan.runs + plan.tuning {
            let key = key(job)
            if jobs[key] == nil { order.append(key) }
            jobs[key, default: []].append(job)
        }
        let done = try Comparison.finished(plan, in: folder)
        return try order.compactMap { name in
            let own = jobs[name] ?? []
            let first = own.first { $0.sizingFailure == nil }
            let result = try first.map { try probe($0) }
            return try ExpectedCost(planned.name, own, finished: done.count { key($0) == name }, probe: result)
        }
    }
}
