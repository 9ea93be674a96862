import Foundation
import PluginHost
import SequenceModel

/// The folder of an experiment. Everything in `results.sqlite` comes from `results.jsonl` and the logs of the runs.
///
/// ```
/// experiment.toml, .json   what was run: the file, and the same with the overrides of the command line
/// runs/MODEL-…-HASH/       one run, whichever comparisons it belongs to
/// COMPARISON/              plan.json, results.json, report.html
/// results.jsonl            a line for each run of each comparison
/// results.sqlite           the same for questions
/// ```
public struct ExperimentFolder: Sendable {
    /// As it was given.
    public let path: String

    /// The folder at `path`, which may be missing.
    public init(_ path: String) { self.path = path }

    /// What was run, as JSON, overrides of the command line included.
    public var document: String { path + "/experiment.json" }
    /// The file that was run, as it was.
    public var copy: String { path + "/experiment.toml" }
    /// All runs.
    public var runs: String { path + "/runs" }
    /// One `ExperimentRecord` a line.
    public var records: String { path + "/results.jsonl" }
    /// Made from the others.
    public var database: String { path + "/results.sqlite" }

    /// The folder of one comparison, whose runs are those of all.
    public func comparison(_ name: String) -> ComparisonFolder {
        ComparisonFolder("\(path)/\(name)", sharedRuns: runs)
    }

    /// Throws `.data`, with nothing written, unless the folder is missing, empty or that of the experiment `name`.
    public func check(name: String) throws {
        if let stored = try storedName() {
            guard stored == name else {
                throw ZooError(
                    .data, "\(path) holds the experiment \(stored), not \(name)", hint: "choose another --out")
            }
            return
        }
        let early: Set<String> = [".lock", "experiment.json.tmp"]
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        if let stranger = names.sorted().first(where: { !early.contains($0) }) {
            throw ZooError(
                .data, "\(path) is not empty and holds no experiment: there is \(stranger)",
                hint: "choose another --out, such as \(path)/\(name)")
        }
    }

    /// The name of the experiment that is there; nil when there is none.
    func storedName() throws -> String? {
        guard FileManager.default.fileExists(atPath: document) else { return nil }
        let stored = try JSONFile.read(ConfigurationJSON.self, from: document)
        guard let name = stored.value["name"]?.stringValue else {
            throw ZooError(.data, "\(document): the key name is missing", hint: "choose another --out")
        }
        return name
    }

    /// Takes the folder for one process. Throws `.temporary` when another one is at work in it.
    func lock() throws -> FolderLock {
        try FolderLock.make(path)
    }
}
