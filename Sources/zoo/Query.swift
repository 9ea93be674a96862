import ArgumentParser
import Experiments
import Foundation
import PluginHost
import Report
import RunStore
import SequenceModel

/// `zoo query`: asks the database of an experiment.
struct Query: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask the runs of an experiment something, in SQL.",
        discussion: """
            The database is only read, and is made from results.jsonl and the logs of the runs. Without a query, its tables are shown.

            Examples:
              zoo query runs/quick
              zoo query runs/quick "SELECT model, avg(bits_per_byte) FROM results GROUP BY model ORDER BY 2"
              zoo query runs/quick "SELECT step, value FROM metrics WHERE model = 'mamba' AND seed = 1 AND name = 'loss'" --csv
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The folder of an experiment (--out of zoo run). Either this or a query may be left out: then it is the working directory.")
    var folder: String?

    @Argument(help: ArgumentHelp("One statement that reads: SELECT, WITH, VALUES or EXPLAIN. Default: none, the tables are shown.", valueName: "sql"))
    var sql: String?

    @Flag(help: "Write the rows as CSV (RFC 4180). Default: as a table.")
    var csv = false

    @Option(help: "Rows at most. Default: 10000.", transform: { try SizeArguments.count($0, "--limit") })
    var limit = 10_000

    @Option(help: ArgumentHelp("Seconds that the query may take. Default: 10.", valueName: "seconds"))
    var timeLimit = 10.0

    @Flag(help: "First make the database anew from results.jsonl and the logs. Default: as it is.")
    var rebuild = false

    func validate() throws {
        if csv, global.json { throw ValidationError("--csv and --json cannot both be the format: give one") }
        guard timeLimit > 0, timeLimit <= 86_400 else {
            throw ValidationError("--time-limit is \(timeLimit); expected a number over 0, at most 86400")
        }
        if folder?.isEmpty == true || sql?.isEmpty == true { throw ValidationError("an argument is empty") }
    }

    func run() throws {
        let (place, query) = words
        let folder = ExperimentFolder(place)
        let isMissing = !FileManager.default.fileExists(atPath: folder.database)
        if rebuild || (isMissing && FileManager.default.fileExists(atPath: folder.records)) {
            let count = try RunStore.rebuild(folder)
            if !global.quiet { Terminal.writeError("\(folder.database) was made anew: \(count) runs\n") }
        }
        let store = try RunStore.openForReading(folder)
        guard let query else { return try showTables(store, place) }
        let result = try store.query(query, rowLimit: limit, secondsLimit: timeLimit)
        if csv {
            print(result.csv, terminator: "")
        } else if global.json {
            print(result.json.prettyPrinted, terminator: "")
        } else {
            print(table(result), terminator: "")
        }
        if result.isCut {
            Terminal.writeError("warning: there are more rows than \(limit), which are not shown; --limit allows more\n")
        }
    }

    /// One word is the query when it looks like one and there is no such folder.
    private var words: (folder: String, query: String?) {
        guard let folder else { return (".", nil) }
        if let sql { return (folder, sql) }
        let isQuery = folder.contains(where: \.isWhitespace) && !FileManager.default.fileExists(atPath: folder)
        return isQuery ? (".", folder) : (folder, nil)
    }

    private func showTables(_ store: RunStore, _ place: String) throws {
        let tables = try store.tables()
        if global.json {
            var object = JSONObject()
            for table in tables { object[table.name] = .array(table.columns.map(JSONValue.string)) }
            print(json: object)
            return
        }
        for table in tables {
            print(table.name)
            for line in WrappedText.lines(table.columns.joined(separator: ", "), width: 96) { print("    \(line)") }
        }
        print(
            """

            results are the runs that give results, tuned those of the tuning grids, metrics the numbers in their logs by step. Three examples:
              zoo query \(place) "SELECT comparison, model, count(*), avg(bits_per_byte) FROM results GROUP BY 1, 2 ORDER BY 1, 4"
              zoo query \(place) "SELECT model, seed, max(step), min(value) FROM metrics WHERE name = 'validation_loss' GROUP BY run"
              zoo query \(place) "SELECT model, context, avg(tokens_per_second) FROM results JOIN decoding ON run = id GROUP BY 1, 2"
            """)
    }

    private func table(_ result: QueryResult) -> String {
        // Numbers stand right, everything else left.
        let columns = result.columns.indices.map { index -> (String, TextTable.Alignment) in
            let isNumber = result.rows.allSatisfy { row in
                if case .string = row[index] { return false }
                return true
            }
            return (result.columns[index], isNumber ? .right : .left)
        }
        var table = TextTable(columns: columns)
        for row in result.rows { table.add(row.map { QueryResult.text($0) }) }
        return table.text
    }
}
