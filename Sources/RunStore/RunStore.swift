public import Experiments
import Foundation
import GRDB
import PluginHost

/// The runs of an experiment as a database for questions: `results.sqlite`, made from `results.jsonl` and the logs of the runs, and
/// always the same for the same files.
public final class RunStore {
    /// Marks the files of this program, as the format has a place for that: "zoo1".
    static let applicationIdentifier = 0x7A6F_6F31
    /// How long a connection waits for another one.
    static let busySeconds = 2.0

    /// Of the database.
    public let path: String
    let queue: DatabaseQueue

    private init(path: String, queue: DatabaseQueue) {
        self.path = path
        self.queue = queue
    }

    /// Opens the database of an experiment for writing, made when it is missing.
    ///
    /// - Throws: `ZooError`: `.temporary` when another process keeps it busy, `.data` for a database of a newer version, one that is damaged or none of ours.
    public static func open(_ folder: ExperimentFolder) throws -> RunStore {
        try StoreFault.named(folder.database) {
            var configuration = Configuration()
            configuration.busyMode = .timeout(busySeconds)
            let queue = try DatabaseQueue(path: folder.database, configuration: configuration)
            try StoreSchema.settle(queue, path: folder.database)
            return RunStore(path: folder.database, queue: queue)
        }
    }

    /// Opens it for reading: no statement can change it.
    ///
    /// - Throws: as `open` does; also `.data` when it is missing.
    public static func openForReading(_ folder: ExperimentFolder) throws -> RunStore {
        guard FileManager.default.fileExists(atPath: folder.database) else {
            throw ZooError(
                .data, "there is no \(folder.database)",
                hint: "zoo query takes the --out folder of zoo run; zoo query \(folder.path) --rebuild makes it from results.jsonl")
        }
        return try StoreFault.named(folder.database) {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(busySeconds)
            let queue = try DatabaseQueue(path: folder.database, configuration: configuration)
            try StoreSchema.check(queue, path: folder.database)
            return RunStore(path: folder.database, queue: queue)
        }
    }

    /// Makes the database anew from the files beside it, whatever state it is in.
    ///
    /// - Returns: how many runs are in it.
    /// - Throws: `ZooError`, also for records that cannot be read; the old database is gone then.
    @discardableResult
    public static func rebuild(_ folder: ExperimentFolder) throws -> Int {
        guard FileManager.default.fileExists(atPath: folder.records) else {
            throw ZooError(
                .data, "there is no \(folder.records) to make a database from", hint: "name the --out folder of zoo run")
        }
        for suffix in ["", "-journal", "-wal", "-shm"] {
            guard unlink(folder.database + suffix) == 0 || errno == ENOENT else {
                throw ZooError(.data, "cannot remove \(folder.database)\(suffix): \(String(cString: strerror(errno)))")
            }
        }
        return try open(folder).update(from: folder)
    }

    /// Makes it hold what the files say now: runs of `results.jsonl` and no others, and the lines of their logs. What did not change since
    /// the last time is left alone, so that doing it again changes nothing.
    ///
    /// - Returns: how many runs are in it.
    /// - Throws: `ZooError`.
    @discardableResult
    public func update(from folder: ExperimentFolder) throws -> Int {
        let records = try ExperimentRecord.read(folder.records)
        return try StoreFault.named(path) {
            try queue.write { database in
                let importer = StoreImporter(database)
                try importer.removeAll(but: records)
                for record in records { try importer.add(record, in: folder) }
                return try Int.fetchOne(database, sql: "SELECT count(*) FROM runs") ?? 0
            }
        }
    }

    /// Adds a run that has just ended.
    ///
    /// - Throws: `ZooError`.
    public func add(_ record: ExperimentRecord, in folder: ExperimentFolder) throws {
        try StoreFault.named(path) {
            try queue.write { try StoreImporter($0).add(record, in: folder) }
        }
    }
}
