import Experiments
import Foundation
import GRDB
import PluginHost
import SequenceModel
import Training

/// Brings records and the logs behind them into a database, within a transaction of the caller.
struct StoreImporter {
    private let database: Database

    init(_ database: Database) { self.database = database }

    /// Removes what no record speaks of.
    func removeAll(but records: [ExperimentRecord]) throws {
        let hashes = Set(records.map(\.hash))
        for hash in try String.fetchAll(database, sql: "SELECT hash FROM runs") where !hashes.contains(hash) {
            try database.execute(sql: "DELETE FROM runs WHERE hash = ?", arguments: [hash])
        }
        let experiments = Set(records.map(\.experiment))
        for name in try String.fetchAll(database, sql: "SELECT name FROM experiments") where !experiments.contains(name) {
            try database.execute(sql: "DELETE FROM experiments WHERE name = ?", arguments: [name])
        }
        let places = Set(records.map { "\($0.comparison)/\($0.number)" })
        let stored = try Row.fetchAll(database, sql: "SELECT comparison, number FROM comparison_runs")
        for row in stored {
            let (comparison, number): (String, Int) = (row[0], row[1])
            if places.contains("\(comparison)/\(number)") { continue }
            try database.execute(
                sql: "DELETE FROM comparison_runs WHERE comparison = ? AND number = ?", arguments: [comparison, number])
        }
    }

    /// Adds a run or brings it up to date.
    func add(_ record: ExperimentRecord, in folder: ExperimentFolder) throws {
        try database.cachedStatement(sql: "INSERT OR IGNORE INTO experiments (name) VALUES (?)")
            .execute(arguments: [record.experiment])
        let run = try settle(record)
        try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO comparison_runs (experiment, comparison, number, run) VALUES (?, ?, ?, ?)"
        ).execute(arguments: [record.experiment, record.comparison, record.number, run])
        if let name = record.folder { try log("\(folder.path)/\(name)/log.jsonl", of: run) }
    }

    /// The id of the run, whose row is that of the record now.
    private func settle(_ record: ExperimentRecord) throws -> Int64 {
        let row = record.row
        let text = try compact(row)
        let known = try Row.fetchOne(
            database.cachedStatement(sql: "SELECT id, row FROM runs WHERE hash = ?"), arguments: [record.hash])
        if let known, let id: Int64 = known[0], let before: String = known[1], before == text { return id }
        let columns: [(String, (any DatabaseValueConvertible)?)] = [
            ("hash", record.hash), ("model", row.model), ("name", row.name), ("family", row.family),
            ("seed", Int64(clamping: row.seed)), ("status", row.status.rawValue), ("detail", row.detail),
            ("likelihood", row.likelihood.rawValue), ("parameters", row.parameters), ("learning_rate", row.learningRate),
            ("train_tokens", row.trainTokens), ("bits_per_byte", row.bitsPerByte),
            ("bits_per_byte_stderr", row.bitsPerByteStandardError), ("train_tokens_per_second", row.trainTokensPerSecond),
            ("seconds", row.seconds), ("peak_memory_bytes", row.peakMemoryBytes), ("concurrent_runs", row.concurrentRuns),
            ("tuning", record.tuning?.value.description), ("config", row.config.value.description),
            ("plugin_sha256", row.pluginSHA256), ("folder", record.folder), ("row", text),
        ]
        let names = columns.map(\.0)
        let arguments = StatementArguments(columns.map(\.1))
        let id: Int64
        if let known {
            id = known[0]
            try database.execute(
                sql: "UPDATE runs SET \(names.map { "\($0) = ?" }.joined(separator: ", ")) WHERE id = ?",
                arguments: arguments + [id])
            try database.execute(sql: "DELETE FROM decoding WHERE run = ?", arguments: [id])
        } else {
            try database.cachedStatement(
                sql: "INSERT INTO runs (\(names.joined(separator: ", "))) VALUES (\(names.map { _ in "?" }.joined(separator: ", ")))"
            ).execute(arguments: arguments)
            id = database.lastInsertedRowID
        }
        for figure in row.decode {
            try database.cachedStatement(
                sql: """
                    INSERT OR REPLACE INTO decoding (run, context, tokens_per_second, state_bytes, peak_memory_bytes, method, reason)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """
            ).execute(arguments: [
                id, figure.context, figure.tokensPerSecond, figure.stateBytes, figure.peakMemoryBytes, figure.method, figure.reason,
            ])
        }
        return id
    }

    /// The numbers in the log of a run, when the log is not the one that was read before.
    private func log(_ path: String, of run: Int64) throws {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        let time = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
        let stamp = attributes.map { "\(($0[.size] as? NSNumber)?.intValue ?? 0) \(time)" }
        let before = try String.fetchOne(
            database.cachedStatement(sql: "SELECT log_stamp FROM runs WHERE id = ?"), arguments: [run])
        guard stamp != before else { return }
        try database.cachedStatement(sql: "DELETE FROM metric_values WHERE run = ?").execute(arguments: [run])
        if stamp != nil {
            let insert = try database.cachedStatement(
                sql: "INSERT OR REPLACE INTO metric_values (run, metric, step, value, text) VALUES (?, ?, ?, ?, ?)")
            var metrics: [String: Int64] = [:]
            for line in try RunLog.read(path) {
                guard let step = line["step"]?.integerValue, let object = line.objectValue else { continue }
                for key in object.keys where key != "step" {
                    guard let (value, text) = StoreImporter.figure(object[key] ?? .null) else { continue }
                    let metric = try metrics[key] ?? self.metric(key)
                    metrics[key] = metric
                    try insert.execute(arguments: [run, metric, step, value, text])
                }
            }
        }
        try database.execute(sql: "UPDATE runs SET log_stamp = ? WHERE id = ?", arguments: [stamp, run])
    }

    /// A number, or NULL and what stands there where it is none: JSON has no word for a number that is not finite. nil for what is no figure.
    static func figure(_ value: JSONValue) -> (Double?, String?)? {
        switch value {
        case .integer, .number:
            let number = value.doubleValue ?? .nan
            return number.isFinite ? (number, nil) : (nil, "\(number)")
        case .null: return (nil, "nan")
        case .string(let text):
            return ["nan", "inf", "-inf", "infinity", "-infinity"].contains(text.lowercased()) ? (nil, text.lowercased()) : nil
        default: return nil
        }
    }

    private func metric(_ name: String) throws -> Int64 {
        try database.cachedStatement(sql: "INSERT OR IGNORE INTO metric_names (name) VALUES (?)").execute(arguments: [name])
        return try Int64.fetchOne(
            database.cachedStatement(sql: "SELECT id FROM metric_names WHERE name = ?"), arguments: [name]) ?? 0
    }

    private func compact(_ row: ResultRow) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(row), as: UTF8.self)
        } catch {
            throw ZooError(.internalBug, "a row of \(row.model) cannot be written as JSON: \(error)")
        }
    }
}
