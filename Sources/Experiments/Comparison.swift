import Evaluation
import Foundation
import Glibc
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
        try folder.check()
        let lock = try folder.lock()
        defer { withExtendedLifetime(lock) {} }
        let plan = try settle(wanted)
        event(.begins(plan, finished: try Comparison.finished(plan, in: folder, retriesFailures: retriesFailures).count))
        var queue = RunQueue(plan)
        try work(&queue, event: event)
        let results = plan.results(queue.rows, tuning: queue.tuning)
        try results.write(to: folder.results)
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
        while let (index, job) = queue.next() {
            guard let row = try stored(job) else { continue }
            jobs.append(job)
            queue.finish(index, row)
        }
        return jobs
    }

    /// Does what is not done yet, so many runs at once as are allowed.
    private func work(_ queue: inout RunQueue, event: (Event) -> Void) throws {
        var active: [ActiveRun] = []
        do {
            while true {
                while active.count < concurrentRuns, let (index, job) = queue.next() {
                    let (number, total) = (index + 1, queue.count)
                    if let row = try storedRow(job) {
                        event(.ends(job, row, number: number, of: total, wasDone: true))
                        queue.finish(index, row)
                    } else if job.sizingFailure != nil {
                        event(.ends(job, job.row(), number: number, of: total, wasDone: false))
                        queue.finish(index, job.row())
                    } else {
                        event(.starts(job, number: number, of: total))
                        active.append(try start(job, index))
                    }
                }
                if active.isEmpty { return }
                var isAnyOver = false
                for run in active {
                    let (number, total) = (run.index + 1, queue.count)
                    let ending = try run.running.poll { event(.progresses(run.job, $0, number: number, of: total)) }
                    guard let ending else { continue }
                    isAnyOver = true
                    active.removeAll { $0.index == run.index }
                    if ending == .interrupted {
                        throw ZooError(.interrupted, "interrupted", hint: "the same command goes on where this one stopped")
                    }
                    let row = try self.row(of: run, ending)
                    event(.ends(run.job, row, number: number, of: total, wasDone: false))
                    queue.finish(run.index, row)
                }
                if !isAnyOver { usleep(20_000) }
            }
        } catch {
            // All end before we do: each with a checkpoint, or with its result where it was that far.
            active.forEach { $0.running.stop() }
            for run in active { while try run.running.poll(progress: { _ in }) == nil { usleep(20_000) } }
            throw error
        }
    }

    /// A run that was started.
    private struct ActiveRun {
        var index: Int
        var job: JobSpecification
        var hash: String
        var place: ComparisonFolder.RunFolder
        var running: any RunningJob
    }

    /// The row of an earlier call, unless it is to be tried again.
    private func storedRow(_ job: JobSpecification) throws -> ResultRow? {
        try folder.run(job).storedRow(hash: job.hash()).flatMap { retriesFailures && $0.status != .ok ? nil : $0 }
    }

    /// The plan that is in the folder when it is the same, else the wanted one, written.
    private func settle(_ wanted: ComparisonPlan) throws -> ComparisonPlan {
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

    private func start(_ job: JobSpecification, _ index: Int) throws -> ActiveRun {
        let hash = try job.hash()
        let place = try folder.run(job)
        try RunFiles.makeFolder(place.path)
        // What a run with another hash, or one that failed, has left.
        if FileManager.default.fileExists(atPath: place.result) { try RunFiles.remove(place.result) }
        var job = job
        job.concurrentRuns = concurrentRuns > 1 ? concurrentRuns : nil
        try JSONFile.write(job, to: place.job)
        return ActiveRun(index: index, job: job, hash: hash, place: place, running: try runner.start(job, in: place))
    }

    private func row(of run: ActiveRun, _ ending: JobEnding) throws -> ResultRow {
        if let row = try run.place.storedRow(hash: run.hash) { return row }
        let report = FailureReport(job: run.job, folder: run.place, ending: ending)
        let row = try report.row()
        if report.isFinal { try JSONFile.write(StoredResult(hash: run.hash, row: row), to: run.place.result) }
        return row
    }
}
