import Experiments
import Foundation
import GRDB
import PluginHost
import RunStore
import SequenceModel
import Testing

/// An experiment's folder with records and logs, that is gone when the test is.
private final class Fixture {
    let folder: ExperimentFolder

    init() throws {
        let path = NSTemporaryDirectory() + "zoo-store-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        folder = ExperimentFolder(path)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder.path) }

    /// A run with a log of two steps and a validation.
    func record(_ model: String, seed: UInt64 = 1, number: Int, comparison: String = "one", bits: Double? = 2.5) throws -> ExperimentRecord {
        var row = ResultRow(
            model: model, name: model.uppercased(), family: "f'amily; --", pluginSHA256: "ab",
            config: ConfigurationJSON(.object(["size": .integer(4)])), seed: seed, parameters: 100, learningRate: 0.001, likelihood: .exact)
        row.bitsPerByte = bits
        row.decode = [DecodeFigure(context: 256, tokensPerSecond: 100, stateBytes: 512)]
        let name = "runs/\(model)-seed-\(seed)"
        try FileManager.default.createDirectory(atPath: "\(folder.path)/\(name)", withIntermediateDirectories: true)
        let log = """
            {"step":1,"tokens":64,"loss":5.5,"seconds":0.5}
            {"event":"resume","from_step":1}
            {"step":2,"tokens":128,"loss":null,"seconds":1.5}
            {"step":2,"tokens":128,"seconds":1.5,"validation_loss":4.25}

            """
        try log.write(toFile: "\(folder.path)/\(name)/log.jsonl", atomically: true, encoding: .utf8)
        return ExperimentRecord(
            experiment: "e", comparison: comparison, number: number, hash: "hash-\(model)-\(seed)", folder: name, tuning: nil, row: row)
    }

    func write(_ records: [ExperimentRecord]) throws {
        try records.map { try $0.line() + "\n" }.joined().write(toFile: folder.records, atomically: true, encoding: .utf8)
    }

    /// All that is in the database, but for when logs were read.
    func dump() throws -> [String] {
        let store = try RunStore.openForReading(folder)
        return try ["experiments", "runs", "comparison_runs", "decoding", "metrics"].map { table in
            var result = try store.query("SELECT * FROM \(table)", rowLimit: 1_000_000)
            if let index = result.columns.firstIndex(of: "log_stamp") { for row in result.rows.indices { result.rows[row][index] = .null } }
            return result.csv.split(separator: "\r\n").sorted().joined(separator: "\n")
        }
    }
}

private func message(of body: () throws -> Void) -> ZooError? {
    do {
        try body()
        return nil
    } catch { return error as? ZooError }
}

struct StoreTests {
    @Test func recordsAndLogsBecomeRows() throws {
        let fixture = try Fixture()
        try fixture.write([
            fixture.record("a", number: 1), fixture.record("b", number: 2, bits: nil), fixture.record("a", number: 1, comparison: "two"),
        ])
        #expect(try RunStore.rebuild(fixture.folder) == 2)
        let store = try RunStore.openForReading(fixture.folder)
        let results = try store.query("SELECT comparison, model, bits_per_byte, family FROM results")
        #expect(results.columns == ["comparison", "model", "bits_per_byte", "family"])
        #expect(
            results.rows == [
                [.string("one"), .string("a"), .number(2.5), .string("f'amily; --")],
                [.string("one"), .string("b"), .null, .string("f'amily; --")],
                [.string("two"), .string("a"), .number(2.5), .string("f'amily; --")],
            ])
        let loss = try store.query("SELECT step, value, text FROM metrics WHERE run = 'hash-a-1' AND name = 'loss' ORDER BY step")
        // A loss that was no number is NULL, and says so.
        #expect(loss.rows == [[.integer(1), .number(5.5), .null], [.integer(2), .null, .string("nan")]])
        #expect(try store.query("SELECT count(*) FROM metrics").rows == [[.integer(14)]])
        #expect(try store.query("SELECT json_extract(config, '$.size') FROM runs LIMIT 1").rows == [[.integer(4)]])
        #expect(try store.query("SELECT state_bytes FROM results JOIN decoding ON run = id WHERE comparison = 'two'").rows == [[.integer(512)]])
    }

    @Test func doingItAgainChangesNothingAndRebuildingGivesTheSame() throws {
        let fixture = try Fixture()
        let all = try [fixture.record("a", number: 1), fixture.record("b", number: 2), fixture.record("c", number: 3)]
        try fixture.write(all)
        try RunStore.open(fixture.folder).update(from: fixture.folder)
        let first = try fixture.dump()
        try RunStore.open(fixture.folder).update(from: fixture.folder)
        for record in all { try RunStore.open(fixture.folder).add(record, in: fixture.folder) }
        #expect(try fixture.dump() == first)

        // One run goes, one changes, one comes: as if it had been so from the beginning, but for the ids.
        var changed = all[1]
        changed.row.bitsPerByte = 1.5
        try fixture.write([all[0], changed, fixture.record("d", number: 3)])
        try RunStore.open(fixture.folder).update(from: fixture.folder)
        func contents() throws -> [[JSONValue]] {
            let store = try RunStore.openForReading(fixture.folder)
            return try store.query("SELECT comparison, hash, bits_per_byte, (SELECT count(*) FROM metrics WHERE run = hash) FROM results").rows
        }
        let updated = try contents()
        #expect(updated.map { $0[1] } == ["a", "b", "d"].map { .string("hash-\($0)-1") })
        #expect(updated[1][2] == .number(1.5) && updated.allSatisfy { $0[3] == .integer(7) })
        try RunStore.rebuild(fixture.folder)
        #expect(try contents() == updated)
    }

    @Test(arguments: [
        ("DELETE FROM runs", "a query begins with SELECT, WITH, VALUES or EXPLAIN, not with DELETE"),
        ("PRAGMA user_version = 3", "a query begins with SELECT, WITH, VALUES or EXPLAIN, not with PRAGMA"),
        ("ATTACH 'x' AS y", "a query begins with SELECT, WITH, VALUES or EXPLAIN, not with ATTACH"),
        ("  ", "a query begins with SELECT, WITH, VALUES or EXPLAIN, not with nothing"),
        ("SELECT 1; SELECT 2", "the query is wrong: there is more than one statement"),
        ("SELECT 1; DELETE FROM runs", "the query is wrong: there is more than one statement"),
        ("WITH x AS (SELECT 1) DELETE FROM runs", "the query would change the database; it is only read here"),
        ("SELECT modle FROM runs", "the query is wrong: no such column: modle"),
        ("SELECT ?", "the query is wrong: wrong number of statement arguments: 0"),
        ("SELECT (", "the query is wrong: incomplete input"),
    ])
    func onlyReading(_ sql: String, _ text: String) throws {
        let fixture = try Fixture()
        try fixture.write([fixture.record("a", number: 1)])
        try RunStore.rebuild(fixture.folder)
        let store = try RunStore.openForReading(fixture.folder)
        let error = try #require(message { _ = try store.query(sql) })
        #expect(error.code == .usage && error.message == text, "\(error.message)")
        #expect(try store.query("SELECT count(*) FROM runs").rows == [[.integer(1)]])
    }

    @Test func limits() throws {
        let fixture = try Fixture()
        try fixture.write([fixture.record("a", number: 1)])
        try RunStore.rebuild(fixture.folder)
        let store = try RunStore.openForReading(fixture.folder)
        let endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"
        let cut = try store.query(endless, rowLimit: 5)
        #expect(cut.isCut && cut.rows.count == 5)
        let begin = ContinuousClock.now
        let error = try #require(message { _ = try store.query(endless + " WHERE x < 0", secondsLimit: 0.2) })
        #expect(error.message == "the query was stopped because its time was over" && error.hint == "--time-limit allows more")
        #expect((ContinuousClock.now - begin) / .seconds(1) < 5)
        // The connection is of use afterwards.
        #expect(try store.query("SELECT 1").rows == [[.integer(1)]])
    }

    @Test func formats() {
        let result = QueryResult(
            columns: ["a", "a", "b\"c"],
            rows: [[.integer(1), .string("x,y"), .null], [.number(0.5), .string("two\r\nlines"), .string("said \"no\"")]])
        #expect(result.csv == "a,a,\"b\"\"c\"\r\n1,\"x,y\",\r\n0.5,\"two\r\nlines\",\"said \"\"no\"\"\"\r\n")
        #expect(result.json.arrayValue?[0] == .object(["a": .integer(1), "a_2": .string("x,y"), "b\"c": .null]))
    }

    @Test func databasesThatCannotBeUsed() throws {
        let fixture = try Fixture()
        let path = fixture.folder.database
        let missing = try #require(message { _ = try RunStore.openForReading(fixture.folder) })
        #expect(missing.code == .data && missing.message == "there is no \(path)")
        let none = try #require(message { try RunStore.rebuild(fixture.folder) })
        #expect(none.message == "there is no \(fixture.folder.records) to make a database from")

        try fixture.write([fixture.record("a", number: 1)])
        try RunStore.rebuild(fixture.folder)
        // A newer version has a migration that this one does not know.
        try DatabaseQueue(path: path).write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('2')") }
        for open in [RunStore.open, RunStore.openForReading] {
            let newer = try #require(message { _ = try open(fixture.folder) })
            #expect(newer.code == .data && newer.message == "\(path) is of a newer version of zoo than this one")
        }
        // Damage in the middle of what is read.
        try RunStore.rebuild(fixture.folder)
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        let size = try handle.seekToEnd()
        try handle.seek(toOffset: 4096)
        try handle.write(contentsOf: Data(repeating: 0xA5, count: Int(size) - 4096))
        try handle.close()
        let damaged = try #require(message { _ = try RunStore.openForReading(fixture.folder).query("SELECT * FROM runs") })
        #expect(damaged.code == .data && damaged.message.hasPrefix("\(path) is damaged: "), "\(damaged.message)")
        #expect(damaged.hint == "zoo query \(fixture.folder.path) --rebuild makes it anew from results.jsonl and the logs")
        try Data("this is no database, whatever its name says".utf8).write(to: URL(fileURLWithPath: path))
        #expect(message { _ = try RunStore.open(fixture.folder) }?.message == "\(path) is damaged: file is not a database")
        #expect(try RunStore.rebuild(fixture.folder) == 1)

        try FileManager.default.removeItem(atPath: path)
        try DatabaseQueue(path: path).write { try $0.execute(sql: "CREATE TABLE mine (x)") }
        #expect(message { _ = try RunStore.open(fixture.folder) }?.message == "\(path) is a database of another program")
    }

    @Test func aBusyDatabaseIsTriedAgainLater() throws {
        let fixture = try Fixture()
        try fixture.write([fixture.record("a", number: 1)])
        try RunStore.rebuild(fixture.folder)
        let other = try DatabaseQueue(path: fixture.folder.database)
        try other.inDatabase { database in
            try database.execute(sql: "BEGIN EXCLUSIVE")
            let error = try #require(message { _ = try RunStore.openForReading(fixture.folder) })
            #expect(error.code == .temporary && error.message == "\(fixture.folder.database) is in use by another process")
            try database.execute(sql: "ROLLBACK")
        }
    }

    /// One run among many is found by its key, not by looking at all. ZOO_METRIC_ROWS says how many rows there are.
    @Test func aRunAmongManyRows() throws {
        let rows = ProcessInfo.processInfo.environment["ZOO_METRIC_ROWS"].flatMap(Int.init) ?? 100_000
        let fixture = try Fixture()
        let runs = 1000
        try fixture.write([fixture.record("a", number: 1)])
        try RunStore.rebuild(fixture.folder)
        try DatabaseQueue(path: fixture.folder.database).write { database in
            try database.execute(
                sql: """
                    WITH RECURSIVE n(x) AS (SELECT 2 UNION ALL SELECT x + 1 FROM n WHERE x < \(runs))
                    INSERT INTO runs (id, hash, model, name, family, seed, status, detail, likelihood, learning_rate, train_tokens, config, plugin_sha256, row)
                    SELECT x, 'hash-' || x, 'm' || (x % 20), 'm', 'f', x, 'ok', '', 'exact', 0.001, 1, '{}', 'ab', '{}' FROM n
                    """)
            try database.execute(
                sql: """
                    WITH RECURSIVE n(x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM n WHERE x < \(rows - 1))
                    INSERT INTO metric_values (run, metric, step, value)
                    SELECT 2 + x / \(max(rows / (runs - 1), 1)), 1 + x % 4, 1000 + x / 4, x FROM n WHERE 2 + x / \(max(rows / (runs - 1), 1)) <= \(runs)
                    """)
        }
        let store = try RunStore.openForReading(fixture.folder)
        let question = "SELECT count(*), min(value) FROM metrics WHERE run = 'hash-500' AND name = (SELECT name FROM metric_names WHERE id = 1)"
        let begin = ContinuousClock.now
        let found = try store.query(question)
        let milliseconds = (ContinuousClock.now - begin) / .milliseconds(1)
        guard case .integer(let count)? = found.rows.first?.first else { return #expect(Bool(false)) }
        #expect(count > 0)
        let plan = try store.query("EXPLAIN QUERY PLAN SELECT step, value FROM metrics WHERE run = 'hash-500' AND name = 'loss'")
        let words = plan.rows.map { $0.map { QueryResult.text($0) }.joined(separator: " ") }.joined(separator: "\n")
        #expect(words.contains("SEARCH metric_values USING PRIMARY KEY (run=? AND metric=?)"), "\(words)")
        #expect(!words.contains("SCAN"), "\(words)")
        // For who asks: no test fails for a time.
        if ProcessInfo.processInfo.environment["ZOO_METRIC_ROWS"] != nil { print("\(milliseconds) ms with \(rows) rows") }
    }
}
