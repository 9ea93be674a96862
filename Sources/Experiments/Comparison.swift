import Evaluation
import Foundation
import PluginHost

/// Carries a plan out: one run after another, each in a process of its own, every ending a row.
public struct Comparison {
    /// What happens while the plan is carried out.
    public enum Event {
        /// Before the first run. `finished`: runs that were done by an earlier call.
        case begins(ComparisonPlan, finished: Int)
        case starts(JobSpecification, number: Int, of: Int)
        case progresses(JobSpecification, JobProgress, number: Int, of: Int)
        case ends(JobSpecification, ResultRow, number: Int, of: Int, wasDone: Bool)
    }

    let folder: ComparisonFolder
    let runner: any JobRunner
    /// Runs that failed are run again.
    let retriesFailures: Bool

    /// Nothing is read or written before `carryOut`.
    ///
    /// - Parameters:
    ///   - runner: called for one run at a time.
    ///   - retriesFailures: whether a run that an earlier call saw fail is run again.
    public init(folder: ComparisonFolder, runner: any JobRunner, retriesFailures: Bool = false) {
        self.folder = folder
        self.runner = runner
        self.retriesFailures = retriesFailures
    }

    /// Writes the plan, or checks that it is the one that is there, and carries it out from where it stopped.
    ///
    /// - Returns: the results, also in `results.json`.
    /// - Throws: `ZooError`: `.data` when the folder holds another comparison or something else, `.temporary` when another process works there,
    ///   `.interrupted` when the user asked to stop; then the same call goes on later.
    public func carryOut(_ wanted: ComparisonPlan, event: (Event) -> Void = { _ in }) throws -> ComparisonResults {
        try folder.check()
        let lock = try folder.lock()
        defer { withExtendedLifetime(lock) {} }
        let plan = try settle(wanted)
        event(.begins(plan, finished: try finishedCount(plan)))
        let tuning = TuningRow.choosing(
            try zip(plan.tuning, rows(of: plan.tuning, after: 0, in: plan, event: event)).map(TuningRow.init))
        let runs = plan.runs.map { tuned($0, tuning) }
        let results = plan.results(try rows(of: runs, after: plan.tuning.count, in: plan, event: event), tuning: tuning)
        try results.write(to: folder.results)
        return results
    }

    /// Runs that an earlier call has done. Which runs give the results is known when tuning is done.
    private func finishedCount(_ plan: ComparisonPlan) throws -> Int {
        let tuning = try plan.tuning.compactMap { job in try storedRow(job).map { TuningRow(job, $0) } }
        guard tuning.count == plan.tuning.count else { return tuning.count }
        let choices = TuningRow.choosing(tuning)
        return tuning.count + (try plan.runs.filter { try storedRow(tuned($0, choices)) != nil }.count)
    }

    /// Does what is not done yet; `offset` runs of the plan come before these.
    private func rows(
        of jobs: [JobSpecification], after offset: Int, in plan: ComparisonPlan, event: (Event) -> Void
    ) throws -> [ResultRow] {
        let total = plan.tuning.count + plan.runs.count
        return try jobs.enumerated().map { index, job in
            let number = offset + index + 1
            if let row = try storedRow(job) {
                event(.ends(job, row, number: number, of: total, wasDone: true))
                return row
            }
            if job.sizingFailure != nil {
                event(.ends(job, job.row(), number: number, of: total, wasDone: false))
                return job.row()
            }
            event(.starts(job, number: number, of: total))
            let row = try run(job, hash: job.hash()) { event(.progresses(job, $0, number: number, of: total)) }
            event(.ends(job, row, number: number, of: total, wasDone: false))
            return row
        }
    }

    /// The row of an earlier call, unless it is to be tried again.
    private func storedRow(_ job: JobSpecification) throws -> ResultRow? {
        try folder.run(job.id).storedRow(hash: job.hash()).flatMap { retriesFailures && $0.status != .ok ? nil : $0 }
    }

    /// The run with what its model's tuning chose; one that fails at once where no point of the grid ended well.
    private func tuned(_ job: JobSpecification, _ tuning: [TuningRow]) -> JobSpecification {
        let rows = tuning.filter { $0.model == job.model && $0.task == job.task }
        if let chosen = rows.first(where: \.isChosen) { return job.with(chosen.settings) }
        guard let last = rows.last else { return job }
        var job = job
        job.sizingFailure = SizingFailure(
            status: last.status, detail: "no point of the tuning grid ended well; with \(last.text): \(last.detail)")
        return job
    }

    /// The plan that is in the folder when it is the same, else the wanted one, written.
    private func settle(_ wanted: ComparisonPlan) throws -> ComparisonPlan {
        guard FileManager.default.fileExists(atPath: folder.plan) else {
            try JSONFile.write(wanted, to: folder.plan)
            return wanted
        }
        let stored = try JSONFile.read(ComparisonPlan.self, from: folder.plan)
        let differences = try PlanDifference.describe(stored: stored, wanted: wanted)
        guard differences.isEmpty else {
            let shown = differences.prefix(8).map { "\n  \($0)" }.joined()
            let rest = differences.count > 8 ? "\n  and \(differences.count - 8) more" : ""
            let isRebuilt = differences.allSatisfy { $0.contains("plugin_sha256: ") }
            throw ZooError(
                .data, "\(folder.path) holds another comparison:\(shown)\(rest)",
                hint: isRebuilt
                    ? "the plugin was built anew since that comparison began; choose another --out"
                    : "choose another --out, or repeat the command that began there: \(stored.command)")
        }
        // Plugins and text may have moved since.
        var plan = wanted
        plan.started = stored.started
        plan.machine = stored.machine
        // Sizing is tried in every call: what came of it now is what is done now.
        if plan.runs.map(\.sizingFailure) != stored.runs.map(\.sizingFailure) {
            plan.command = stored.command
            try JSONFile.write(plan, to: folder.plan)
        }
        return plan
    }

    private func run(_ job: JobSpecification, hash: String, progress: (JobProgress) -> Void) throws -> ResultRow {
        let place = folder.run(job.id)
        try RunFiles.makeFolder(place.path)
        // What a run with another hash, or one that failed, has left.
        if FileManager.default.fileExists(atPath: place.result) { try RunFiles.remove(place.result) }
        try JSONFile.write(job, to: place.job)
        let ending = try runner.run(job, in: place, progress: progress)
        if ending == .interrupted {
            throw ZooError(.interrupted, "interrupted", hint: "the same command goes on where this one stopped")
        }
        if let row = try place.storedRow(hash: hash) { return row }
        let report = FailureReport(job: job, folder: place, ending: ending)
        let row = try report.row()
        if report.isFinal { try JSONFile.write(StoredResult(hash: hash, row: row), to: place.result) }
        return row
    }
}
