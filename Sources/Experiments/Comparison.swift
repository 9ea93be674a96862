import Evaluation
import Foundation
import PluginHost

/// Carries a plan out: one run after another or several at once, each in a process of its own, every ending a row.
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
    /// Runs that may be at work at once.
    let concurrentRuns: Int

    /// Nothing is read or written before `carryOut`.
    ///
    /// - Parameters:
    ///   - runner: starts the runs.
    ///   - retriesFailures: whether a run that an earlier call saw fail is run again.
    ///   - concurrentRuns: how many may be at work at once; their rows say so, since they slow each other down. Losses are the same.
    public init(
        folder: ComparisonFolder, runner: any JobRunner, retriesFailures: Bool = false, concurrentRuns: Int = 1
    ) {
        self.folder = folder
        self.runner = runner
        self.retriesFailures = retriesFailures
        self.concurrentRuns = max(concurrentRuns, 1)
    }

    /// Writes the plan, or checks that it is the one that is there, and carries it out from where it stopped.
    ///
    /// - Returns: the results, also in `results.json`.
    /// - Throws: `ZooError`: `.data` when the folder holds another comparison or something else, `.temporary` when another process works there,
    ///   `.interrupted` when the user asked to stop; then the same call goes on later.
    public func carryOut(_ wanted: ComparisonPlan, event: (Event) -> Void = { _ in }) throws -> ComparisonResults {
        let work = try ComparisonWork(self, wanted)
        event(try work.beginning())
        var isGiven = false
        var results = work.plan.results([])
        try RunPool(concurrentRuns: concurrentRuns).carryOut(
            next: {
                defer { isGiven = true }
                return isGiven ? nil : work
            },
            event: { _, happened in event(happened) }, finished: { results = try $0.finish() })
        return results
    }

    /// The runs of a plan that an earlier call has done, failures among them; they are looked for under what tuning chose, as far as that is known.
    static func finished(_ plan: ComparisonPlan, in folder: ComparisonFolder, retriesFailures: Bool = false) throws
        -> [JobSpecification]
    {
        func stored(_ job: JobSpecification) throws -> ResultRow? {
            let row = try folder.run(job).storedRow(hash: job.hash())
            return retriesFailures && row?.status != .ok ? nil : row
        }
        var queue = RunQueue(plan)
        var jobs: [JobSpecification] = []
        // Runs that wait for others are given out once those are known to have ended.
        while let (index, job) = queue.next {
            queue.start(index)
            guard let row = try stored(job) else { continue }
            jobs.append(job)
            queue.finish(index, row)
        }
        return jobs
    }

    /// The plan that is in the folder when it is the same, else the wanted one, written.
    func settle(_ wanted: ComparisonPlan) throws -> ComparisonPlan {
        guard FileManager.default.fileExists(atPath: folder.plan) else {
            try JSONFile.write(wanted, to: folder.plan)
            return wanted
        }
        let stored = try JSONFile.read(ComparisonPlan.self, from: folder.plan)
        // Runs that are known by their hash are found whatever the plan around them was; what it led to is out of date.
        if folder.sharedRuns != nil {
            var same = wanted
            same.started = stored.started
            same.command = stored.command
            if try JSONFile.text(same) == JSONFile.text(stored) { return same }
            for file in [folder.results, folder.report] { try RunFiles.remove(file) }
            try JSONFile.write(wanted, to: folder.plan)
            return wanted
        }
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
}
