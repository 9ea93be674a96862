import Dispatch
import GRDB
import PluginHost
import SequenceModel

extension RunStore {
    /// Runs one statement that reads.
    ///
    /// - Parameters:
    ///   - rowLimit: rows that are given at most.
    ///   - secondsLimit: time it may take.
    /// - Throws: `ZooError`: `.usage` for a statement that is wrong or would change something, `.data` when its time was over.
    public func query(_ sql: String, rowLimit: Int = 10_000, secondsLimit: Double = 10) throws -> QueryResult {
        let word = sql.drop { $0.isWhitespace }.prefix { $0.isLetter }.uppercased()
        guard ["SELECT", "WITH", "EXPLAIN", "VALUES"].contains(word) else {
            throw ZooError(
                .usage, "a query begins with SELECT, WITH, VALUES or EXPLAIN, not with \(word.isEmpty ? "nothing" : word)",
                hint: "zoo query DIR shows the tables and three examples")
        }
        let queue = queue
        let timer = DispatchSource.makeTimerSource()
        timer.schedule(deadline: .now() + secondsLimit, repeating: 0.05)
        timer.setEventHandler { queue.interrupt() }
        timer.resume()
        defer { timer.cancel() }
        return try StoreFault.named(path) {
            try queue.read { database in
                let statement: Statement
                do {
                    statement = try database.makeStatement(sql: sql)
                    // A place for a value, ? or :name, has none here.
                    try statement.validateArguments(StatementArguments())
                } catch let error as DatabaseError where RunStore.isWrongStatement(error) {
                    let words = error.message ?? "\(error.resultCode)"
                    throw ZooError(
                        .usage, "the query is wrong: \(words.hasPrefix("Multiple") ? "there is more than one statement" : words)",
                        hint: "zoo query DIR shows the tables and their columns", cause: error)
                }
                guard statement.isReadonly else {
                    throw ZooError(.usage, "the query would change the database; it is only read here")
                }
                return try RunStore.rows(statement, limit: rowLimit)
            }
        }
    }

    private static func isWrongStatement(_ error: DatabaseError) -> Bool {
        let codes: [ResultCode] = [.SQLITE_ERROR, .SQLITE_MISUSE, .SQLITE_RANGE, .SQLITE_AUTH, .SQLITE_READONLY]
        return codes.contains(error.resultCode)
    }

    private static func rows(_ statement: Statement, limit: Int) throws -> QueryResult {
        let columns = statement.columnNames
        var result = QueryResult(columns: columns, rows: [])
        let cursor = try Row.fetchCursor(statement)
        while let row = try cursor.next() {
            if result.rows.count == limit {
                result.isCut = true
                break
            }
            result.rows.append(columns.indices.map { value(row[$0]) })
        }
        return result
    }

    private static func value(_ value: DatabaseValue) -> JSONValue {
        switch value.storage {
        case .null: .null
        case .int64(let number): .integer(number)
        case .double(let number): number.isFinite ? .number(number) : .string("\(number)")
        case .string(let text): .string(text)
        case .blob(let data): .string("\(data.count) bytes")
        }
    }

    /// Every table and view with its columns, those of `zoo query` without a query.
    ///
    /// - Throws: `ZooError`.
    public func tables() throws -> [(name: String, columns: [String])] {
        try StoreFault.named(path) {
            try queue.read { database in
                let names = try String.fetchAll(
                    database,
                    sql: """
                        SELECT name FROM sqlite_master
                        WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'grdb_%' ORDER BY type DESC, name
                        """)
                return try names.map { name -> (name: String, columns: [String]) in
                    (name, try database.columns(in: name).map(\.name))
                }
            }
        }
    }
}
