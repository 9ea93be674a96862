import Foundation
import Glibc
import PluginHost

/// Carries the comparisons of an experiment out in their order, the next beginning when a processor has nothing more to do for the ones before,
/// in one folder: what an earlier call did, in whatever comparison and under whatever plan, is not done again.
public struct ExperimentRun {
    /// What happens while it is carried out.
    public enum Event {
        /// Something in one of the comparisons.
        case comparison(String, Comparison.Event)
        /// A run ended, or was found done; its record is in `results.jsonl`.
        case recorded(ExperimentRecord, wasDone: Bool)
        /// All runs of a comparison ended; its `results.json` is written.
        case finished(String, ComparisonResults)
    }

    let folder: ExperimentFolder
    let runner: any JobRunner
    let retriesFailures: Bool
    let concurrentRuns: Int

    /// Nothing is read or written before `carryOut`; the parameters are those of `Comparison`.
    public init(folder: ExperimentFolder, runner: any JobRunner, retriesFailures: Bool = false, concurrentRuns: Int = 1) {
        self.folder = folder
        self.runner = runner
        self.retriesFailures = retriesFailures
        self.concurrentRuns = concurrentRuns
    }

    /// Does what is not done yet. At the end `results.jsonl` has the records of these plans in their order and no others, so that two runs of one
    /// experiment give the same file, times aside.
    ///
    /// - Parameters:
    ///   - text: of the file, for the copy in the folder.
    ///   - plans: of `file.comparisons`.
    /// - Throws: `ZooError` as `Comparison.carryOut` does.
    public func carryOut(
        _ file: ExperimentFile, text: [UInt8], _ plans: [PlannedComparison], event: (Event) -> Void = { _ in }
    ) throws {
        try folder.check(name: file.name)
        let lock = try folder.lock()
        defer { withExtendedLifetime(lock) {} }
        try JSONFile.write(file.document, to: folder.document)
        try RunFiles.write(text, to: folder.copy)
        let log = try RecordLog(folder.records)
        var records = plans.map { _ in [ExperimentRecord]() }
        var begun: [ComparisonWork] = []
        func number(_ work: ComparisonWork) -> Int { begun.firstIndex { $0 === work } ?? 0 }
        try RunPool(concurrentRuns: max(concurrentRuns, 1)).carryOut(
            next: {
                guard begun.count < plans.count else { return nil }
                let planned = plans[begun.count]
                let comparison = Comparison(
                    folder: folder.comparison(planned.name), runner: runner, retriesFailures: retriesFailures, concurrentRuns: concurrentRuns)
                let work = try ComparisonWork(comparison, planned.plan)
                begun.append(work)
                event(.comparison(planned.name, try work.beginning()))
                return work
            },
            event: { work, happened in
                let name = plans[number(work)].name
                event(.comparison(name, happened))
                guard case .ends(let job, let row, let place, _, let wasDone) = happened else { return }
                let record = try self.record(file.name, name, job, row, place)
                if !wasDone { try log.append(record) }
                records[number(work)].append(record)
                event(.recorded(record, wasDone: wasDone))
            },
            finished: { work in event(.finished(plans[number(work)].name, try work.finish())) })
        records = records.map { $0.sorted { $0.number < $1.number } }
        let lines = try records.joined().map { try $0.line() + "\n" }
        try RunFiles.write(lines.joined(), to: folder.records)
    }

    private func record(
        _ experiment: String, _ comparison: String, _ job: JobSpecification, _ row: ResultRow, _ number: Int
    ) throws -> ExperimentRecord {
        let name = try folder.comparison(comparison).run(job).path.dropFirst(folder.path.count + 1)
        return ExperimentRecord(
            experiment: experiment, comparison: comparison, number: number, hash: try job.hash(),
            folder: job.sizingFailure == nil ? String(name) : nil, tuning: job.tuning, row: row)
    }
}

/// `results.jsonl` while it grows: each line is written with one call.
private final class RecordLog {
    private let descriptor: Int32
    private let path: String

    init(_ path: String) throws {
        self.path = path
        // A line that was cut off must not run into the next one.
        if FileManager.default.fileExists(atPath: path) {
            let bytes = [UInt8](try RunFiles.read(path))
            if let last = bytes.last, last != UInt8(ascii: "\n") {
                let end = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
                try RunFiles.write(Array(bytes[..<end]), to: path)
            }
        }
        descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw RunFiles.failure("open", path) }
    }

    deinit { close(descriptor) }

    func append(_ record: ExperimentRecord) throws {
        let line = Array((try record.line() + "\n").utf8)
        let written = write(descriptor, line, line.count)
        guard written == line.count else {
            if written >= 0 { errno = ENOSPC }
            throw RunFiles.failure("write", path)
        }
    }
}
