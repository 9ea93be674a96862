import Foundation
import Glibc
import PluginHost

/// The folder of a comparison: `plan.json`, `results.json`, `report.html` and `runs/ID`.
public struct ComparisonFolder: Sendable {
    /// As it was given; everything below is under it.
    public let path: String
    /// Where runs lie that several comparisons share, known by their hash; nil: in this folder, known by their id.
    public let sharedRuns: String?

    /// The folder at `path`, which may be missing.
    ///
    /// - Parameter sharedRuns: the folder of runs that it shares with others. A plan that is there may then change: what it still asks for
    ///   is found by its hash.
    public init(_ path: String, sharedRuns: String? = nil) {
        self.path = path
        self.sharedRuns = sharedRuns
    }

    /// What the comparison will do, written before its first run.
    public var plan: String { path + "/plan.json" }
    /// What came out, written when all runs have ended.
    public var results: String { path + "/results.json" }
    /// The page for people.
    public var report: String { path + "/report.html" }
    /// The folder of the run with this id.
    public func run(_ id: String) -> RunFolder { RunFolder(path: "\(path)/runs/\(id)") }
    /// The folder of this run: `runs/mamba-seed-1`, and `runs/mamba-seed-1-0123456789ab` where it is known by its hash.
    public func run(_ job: JobSpecification) throws -> RunFolder {
        guard let sharedRuns else { return run(job.id) }
        return RunFolder(path: "\(sharedRuns)/\(job.id)-\(try job.hash().prefix(12))")
    }

    /// Throws `.data`, with nothing written, unless the folder is missing, empty, or holds a comparison.
    public func check() throws {
        if FileManager.default.fileExists(atPath: plan) {
            _ = try JSONFile.read(ComparisonPlan.self, from: plan)
            return
        }
        for file in [results, report] where FileManager.default.fileExists(atPath: file) {
            throw ZooError(
                .data, "\(file) would be overwritten: \(path) holds results without the plan they came from",
                hint: "choose another --out")
        }
        // What a comparison leaves that was killed before it had written its plan.
        let early: Set<String> = [".lock", "plan.json.tmp"]
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        if let stranger = names.sorted().first(where: { !early.contains($0) }) {
            throw ZooError(
                .data, "\(path) is not empty and holds no comparison: there is \(stranger)",
                hint: "choose another --out, such as \(path)/compare")
        }
    }

    /// What the comparison that is in the folder found for each model that it matched to `target`; empty where there is none, or another
    /// target.
    public func matches(_ target: MatchTarget?) throws -> [String: MatchFigure] {
        guard let target, FileManager.default.fileExists(atPath: plan) else { return [:] }
        let stored = try JSONFile.read(ComparisonPlan.self, from: plan)
        guard stored.budget.match == target else { return [:] }
        return Dictionary(stored.runs.compactMap { run in run.matched.map { (run.model, $0) } }) { first, _ in first }
    }

    /// Takes the folder for one process. Throws `.temporary` when another comparison is at work in it.
    func lock() throws -> FolderLock {
        try FolderLock.make(path)
    }

    /// The folder of one run.
    public struct RunFolder: Sendable {
        /// The folder, which `Comparison` makes before the run begins.
        public let path: String
        /// What its process was told to do.
        public var job: String { path + "/job.json" }
        /// Its row, written when it has ended.
        public var result: String { path + "/result.json" }
        /// What was measured before the run ended; goes into the row if it ends badly.
        public var partial: String { path + "/partial.json" }
        /// Held by the process of the run while it trains.
        var lock: String { path + "/lock" }
        /// A line for each step and validation.
        public var log: String { path + "/log.jsonl" }
        /// A line for each phase that began: loading, training, scoring.
        public var phases: String { path + "/phases.jsonl" }
        /// What the process wrote to stdout.
        public var standardOutput: String { path + "/stdout.log" }
        /// What the process wrote to stderr.
        public var standardError: String { path + "/stderr.log" }

        /// The row that is stored for the job with this hash; nil when there is none, or one of another job.
        func storedRow(hash: String) throws -> ResultRow? { try row(in: result, hash: hash) }

        /// The same for what was measured so far.
        func partialRow(hash: String) throws -> ResultRow? { try row(in: partial, hash: hash) }

        private func row(in path: String, hash: String) throws -> ResultRow? {
            guard FileManager.default.fileExists(atPath: path) else { return nil }
            let stored = try JSONFile.read(StoredResult.self, from: path)
            return stored.hash == hash ? stored.row : nil
        }
    }
}

/// A lock that ends with the process, however that ends.
final class FolderLock {
    private let descriptor: Int32

    init(_ path: String) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw ZooError(
                .data, "cannot open \(path): \(String(cString: strerror(errno)))", hint: "choose another --out")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw ZooError(
                .temporary, "another comparison is at work in \((path as NSString).deletingLastPathComponent)",
                hint: "wait until it is done, or choose another --out")
        }
    }

    deinit { close(descriptor) }

    /// Makes `folder` where it is missing, and takes it for this process.
    static func make(_ folder: String) throws -> FolderLock {
        do {
            try RunFiles.makeFolder(folder)
        } catch var error as ZooError {
            error.hint = "choose another --out"
            throw error
        }
        return try FolderLock(folder + "/.lock")
    }

    /// Waits until nobody holds the lock, at most so long.
    static func wait(for path: String, seconds: Double) {
        let begin = ContinuousClock.now
        while FileManager.default.fileExists(atPath: path), (try? FolderLock(path)) == nil,
            (ContinuousClock.now - begin) / .seconds(1) < seconds
        {
            usleep(100_000)
        }
    }
}
