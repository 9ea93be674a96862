import Evaluation
import SequenceModel

/// The runs of a plan in their order: which may begin next, and what came of those that ended.
///
/// Runs that choose a model's training options come first, and the runs of its results wait for all of them; another model's need not.
struct RunQueue {
    private let plan: ComparisonPlan
    private var ended: [ResultRow?]
    private var isStarted: [Bool]
    private var endedCount = 0

    init(_ plan: ComparisonPlan) {
        self.plan = plan
        ended = Array(repeating: nil, count: plan.tuning.count + plan.runs.count)
        isStarted = Array(repeating: false, count: ended.count)
    }

    /// Of all runs, tuning included.
    var count: Int { ended.count }

    /// The first run that was not started yet and waits for nothing; nil when there is none now.
    ///
    /// - Complexity: O(runs)
    var next: (index: Int, job: JobSpecification)? {
        for index in ended.indices where !isStarted[index] {
            if index < plan.tuning.count { return (index, plan.tuning[index]) }
            let job = plan.runs[index - plan.tuning.count]
            if let choices = choices(for: job) { return (index, RunQueue.tuned(job, choices)) }
        }
        return nil
    }

    mutating func start(_ index: Int) { isStarted[index] = true }

    mutating func finish(_ index: Int, _ row: ResultRow) {
        if ended[index] == nil { endedCount += 1 }
        ended[index] = row
    }

    /// Whether all runs ended.
    var isDone: Bool { endedCount == ended.count }

    /// Of the runs that give results, in the order of the plan, as far as they ended.
    var rows: [ResultRow] { ended[plan.tuning.count...].compactMap(\.self) }

    /// Of the tuning grid, the best of each model marked, as far as they ended.
    var tuning: [TuningRow] {
        TuningRow.choosing(zip(plan.tuning, ended).compactMap { job, row in row.map { TuningRow(job, $0) } })
    }

    /// What tuning says of a run's model, on what the run learns; nil while one of the points has not ended.
    private func choices(for run: JobSpecification) -> [TuningRow]? {
        var rows: [TuningRow] = []
        for (job, row) in zip(plan.tuning, ended) where job.model == run.model && job.task == run.task {
            guard let row else { return nil }
            rows.append(TuningRow(job, row))
        }
        return TuningRow.choosing(rows)
    }

    /// The run with what its model's tuning chose; one that fails at once where no point of the grid ended well.
    static func tuned(_ job: JobSpecification, _ tuning: [TuningRow]) -> JobSpecification {
        let rows = tuning.filter { $0.model == job.model && $0.task == job.task }
        if let chosen = rows.first(where: \.isChosen) { return job.with(chosen.settings) }
        guard let last = rows.last else { return job }
        var job = job
        job.sizingFailure = SizingFailure(
            status: last.status, detail: "no point of the tuning grid ended well; with \(last.text): \(last.detail)")
        return job
    }
}
