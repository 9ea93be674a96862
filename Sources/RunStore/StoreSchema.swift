import GRDB
import PluginHost

/// The tables, and whether a file has them.
enum StoreSchema {
    /// Every version there was; none is ever changed, since databases of all of them are about.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { try $0.execute(sql: version1) }
        return migrator
    }

    /// Brings a database that is open for writing to the version of this program.
    static func settle(_ queue: DatabaseQueue, path: String) throws {
        let isEmpty = try queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM sqlite_master") == 0 }
        if isEmpty {
            try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA application_id = \(RunStore.applicationIdentifier)") }
        }
        try refuseStrangers(queue, path: path)
        try migrator.migrate(queue)
    }

    /// Throws unless the database is of this version.
    static func check(_ queue: DatabaseQueue, path: String) throws {
        try refuseStrangers(queue, path: path)
        guard try queue.read({ try migrator.hasCompletedMigrations($0) }) else {
            throw ZooError(
                .data, "\(path) is of an older version of zoo", hint: "zoo query DIR --rebuild makes it anew from results.jsonl")
        }
    }

    private static func refuseStrangers(_ queue: DatabaseQueue, path: String) throws {
        let identifier = try queue.read { try Int.fetchOne($0, sql: "PRAGMA application_id") ?? 0 }
        guard identifier == RunStore.applicationIdentifier else {
            throw ZooError(
                .data, "\(path) is a database of another program", hint: "move it away, or choose another folder")
        }
        guard try !queue.read({ try migrator.hasBeenSuperseded($0) }) else {
            throw ZooError(
                .data, "\(path) is of a newer version of zoo than this one",
                hint: "use that version, or zoo query DIR --rebuild to make it anew from results.jsonl")
        }
    }

    /// `value` is NULL where a number is not finite; `text` says what it was then.
    private static let version1 = """
        CREATE TABLE experiments (name TEXT PRIMARY KEY NOT NULL) WITHOUT ROWID;
        CREATE TABLE runs (
            id INTEGER PRIMARY KEY,
            hash TEXT NOT NULL UNIQUE,
            model TEXT NOT NULL,
            name TEXT NOT NULL,
            family TEXT NOT NULL,
            seed INTEGER NOT NULL,
            status TEXT NOT NULL,
            detail TEXT NOT NULL,
            likelihood TEXT NOT NULL,
            parameters INTEGER,
            learning_rate REAL NOT NULL,
            train_tokens INTEGER NOT NULL,
            bits_per_byte REAL,
            bits_per_byte_stderr REAL,
            train_tokens_per_second REAL,
            seconds REAL,
            peak_memory_bytes INTEGER,
            concurrent_runs INTEGER,
            tuning TEXT,
            task TEXT,
            config TEXT NOT NULL,
            plugin_sha256 TEXT NOT NULL,
            folder TEXT,
            row TEXT NOT NULL,
            log_stamp TEXT
        );
        CREATE INDEX runs_by_model ON runs (model, seed);
        CREATE TABLE comparison_runs (
            experiment TEXT NOT NULL,
            comparison TEXT NOT NULL,
            number INTEGER NOT NULL,
            run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            PRIMARY KEY (comparison, number)
        ) WITHOUT ROWID;
        CREATE INDEX comparison_runs_by_run ON comparison_runs (run);
        CREATE TABLE decoding (
            run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            context INTEGER NOT NULL,
            tokens_per_second REAL,
            state_bytes INTEGER,
            peak_memory_bytes INTEGER,
            method TEXT NOT NULL,
            reason TEXT NOT NULL,
            PRIMARY KEY (run, context)
        ) WITHOUT ROWID;
        CREATE TABLE accuracies (
            run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            length INTEGER NOT NULL,
            accuracy REAL NOT NULL,
            scaled_accuracy REAL,
            PRIMARY KEY (run, length)
        ) WITHOUT ROWID;
        CREATE TABLE metric_names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
        CREATE TABLE metric_values (
            run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            metric INTEGER NOT NULL,
            step INTEGER NOT NULL,
            value REAL,
            text TEXT,
            PRIMARY KEY (run, metric, step)
        ) WITHOUT ROWID;
        CREATE VIEW metrics AS
            SELECT runs.hash AS run, runs.model AS model, runs.seed AS seed, metric_values.step AS step,
                metric_names.name AS name, metric_values.value AS value, metric_values.text AS text
            FROM metric_values
            JOIN runs ON runs.id = metric_values.run
            JOIN metric_names ON metric_names.id = metric_values.metric;
        CREATE VIEW results AS
            SELECT comparison_runs.experiment AS experiment, comparison_runs.comparison AS comparison, runs.*
            FROM comparison_runs JOIN runs ON runs.id = comparison_runs.run WHERE runs.tuning IS NULL
            ORDER BY comparison_runs.comparison, comparison_runs.number;
        CREATE VIEW tuned AS
            SELECT comparison_runs.experiment AS experiment, comparison_runs.comparison AS comparison, runs.*
            FROM comparison_runs JOIN runs ON runs.id = comparison_runs.run WHERE runs.tuning IS NOT NULL
            ORDER BY comparison_runs.comparison, comparison_runs.number;
        """
}
