import Foundation
import PluginHost

/// A comparison while it is carried out: its folder is ours, some of its runs are at work.
final class ComparisonWork {
    let comparison: Comparison
    /// As it is in the folder.
    let plan: ComparisonPlan
    private let lock: FolderLock
    private var queue: RunQueue
    private var active: [ActiveRun] = []

    /// A run that was started.
    private struct ActiveRun {
        var index: Int
        var job: JobSpecification
        var hash: String
        var place: ComparisonFolder.RunFolder
        var running: any RunningJob
    }

    /// Takes the folder and settles the plan; nothing is started. Throws as `Comparison.carryOut` does.
    init(_ comparison: Comparison, _ wanted: ComparisonPlan) throws {
        try comparison.folder.check()
        self.comparison = comparison
        lock = try comparison.folder.lock()
        plan = try comparison.settle(wanted)
        queue = RunQueue(plan)
    }

    /// What is told first: how much an earlier call has done.
    func beginning() throws -> Comparison.Event {
        .begins(
            plan,
            finished: try Comparison.finished(plan, in: comparison.folder, retriesFailures: comparison.retriesFailures).count)
    }

    /// How many runs are at work.
    var activeCount: Int { active.count }

    /// The hashes of those.
    var activeHashes: [String] { active.map(\.hash) }

    /// Whether all runs ended.
    var isDone: Bool { queue.isDone }

    /// Starts the next run, or finds that it was done by an earlier call or cannot be started.
    ///
    /// - Parameter busy: hashes of runs that are at work for another comparison, which this one waits for.
    /// - Returns: false when none can begin now.
    func begin(busy: Set<String>, event: (Comparison.Event) throws -> Void) throws -> Bool {
        guard let (index, job) = queue.next else { return false }
        let (number, total) = (index + 1, queue.count)
        let hash = try job.hash()
        if busy.contains(hash) { return false }
        queue.start(index)
        if let row = try storedRow(job, hash) {
            queue.finish(index, row)
            try event(.ends(job, row, number: number, of: total, wasDone: true))
        } else if job.sizingFailure != nil {
            queue.finish(index, job.row())
            try event(.ends(job, job.row(), number: number, of: total, wasDone: false))
        } else {
            try event(.starts(job, number: number, of: total))
            active.append(try start(job, index, hash))
        }
        return true
    }

    /// Looks after the runs at work. Returns whether one of them ended. Throws `.interrupted` when one was stopped by the user.
    func poll(event: (Comparison.Event) throws -> Void) throws -> Bool {
        var isAnyOver = false
        for run in active {
            let (number, total) = (run.index + 1, queue.count)
            var failure: (any Error)?
            let ending = try run.running.poll { state in
                do {
                    try event(.progresses(run.job, state, number: number, of: total))
                } catch {
                    failure = failure ?? error
                }
            }
            if let failure { throw failure }
            guard let ending else { continue }
            isAnyOver = true
            active.removeAll { $0.index == run.index }
            if ending == .interrupted {
                throw ZooError(.interrupted, "interrupted", hint: "the same command goes on where this one stopped")
            }
            let row = try self.row(of: run, ending)
            queue.finish(run.index, row)
            try event(.ends(run.job, row, number: number, of: total, wasDone: false))
        }
        return isAnyOver
    }

    /// Asks all runs to end.
    func stop() { active.forEach { $0.running.stop() } }

    /// Returns when all runs that were asked to end have done so: each with a checkpoint, or with its result where it was that far.
    func waitForEnd() throws {
        for run in active { while try run.running.poll(progress: { _ in }) == nil { usleep(RunPool.restMicroseconds) } }
        active = []
    }

    /// Writes `results.json`.
    func finish() throws -> ComparisonResults {
        let results = plan.results(queue.rows, tuning: queue.tuning)
        try results.write(to: comparison.folder.results)
        return results
    }

    /// The row of an earlier call, unless it is to be tried again.
    private func storedRow(_ job: JobSpecification, _ hash: String) throws -> ResultRow? {
        let row = try comparison.folder.run(job).storedRow(hash: hash)
        return comparison.retriesFailures && row?.status != .ok ? nil : row
    }

    private func start(_ job: JobSpecification, _ index: Int, _ hash: String) throws -> ActiveRun {
        let place = try comparison.folder.run(job)
        try RunFiles.makeFolder(place.path)
        // What a run with another hash, or one that failed, has left.
        if FileManager.default.fileExists(atPath: place.result) { try RunFiles.remove(place.result) }
        var job = job
        job.concurrentRuns = comparison.concurrentRuns > 1 ? comparison.concurrentRuns : nil
        try JSONFile.write(job, to: place.job)
        return ActiveRun(
            index: index, job: job, hash: hash, place: place, running: try comparison.runner.start(job, in: place))
    }

    private func row(of run: ActiveRun, _ ending: JobEnding) throws -> ResultRow {
        if let row = try run.place.storedRow(hash: run.hash) { return row }
        let report = FailureReport(job: run.job, folder: run.place, ending: ending)
        let row = try report.row()
        if report.isFinal { try JSONFile.write(StoredResult(hash: run.hash, row: row), to: run.place.result) }
        return row
    }
}
