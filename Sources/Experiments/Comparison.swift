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
        case ends(ResultRow, number: Int, of: Int, wasDone: Bool)
    }

    let folder: ComparisonFolder
    let runner: any JobRunner
    /// Runs that failed are run again.
    let retriesFailures: Bool

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
        let hashes = try plan.runs.map { try $0.hash() }
        let stored = try zip(plan.runs, hashes).map { job, hash in
            try folder.run(job.id).storedRow(hash: hash).flatMap { retriesFailures && $0.status != .ok ? nil : $0 }
        }
        event(.begins(plan, finished: stored.filter { $0 != nil }.count))
        var rows: [ResultRow] = []
        for (index, job) in plan.runs.enumerated() {
            let number = index + 1
            if let row = stored[index] {
                rows.append(row)
                event(.ends(row, number: number, of: plan.runs.count, wasDone: true))
                continue
            }
            if job.sizingFailure != nil {
                rows.append(job.row())
                event(.ends(job.row(), number: number, of: plan.runs.count, wasDone: false))
                continue
            }
            event(.starts(job, number: number, of: plan.runs.count))
            let row = try run(job, hash: hashes[index]) {
                event(.progresses(job, $0, number: number, of: plan.runs.count))
            }
            rows.append(row)
            event(.ends(row, number: number, of: plan.runs.count, wasDone: false))
        }
        let results = plan.results(rows)
        try results.write(to: folder.results)
        return results
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
