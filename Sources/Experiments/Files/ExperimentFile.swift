import Foundation
import PluginHost
import SequenceModel

/// An experiment as its TOML file describes it: one comparison or several, checked as a whole. `zoo/experiments/README.md` has the format.
public struct ExperimentFile: Sendable {
    /// Letters, digits, `-` and `_`: names the folder of what comes out.
    public var name: String
    /// For people; may be empty.
    public var description: String
    /// In the order of the file; names are unique.
    public var comparisons: [ExperimentComparison]
    /// What the file says, with the overrides of the command line in it, keys sorted.
    public var document: ConfigurationJSON

    /// More runs are nearly always a mistyped list.
    public static let maximumRuns = 10_000

    /// Names that the folder of an experiment has for something else.
    private static let reservedNames = ["runs", "tensorboard"]

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - overrides: `key.path=value` in the order of the command line; `comparison.NAME.key` for a key of one comparison.
    ///   - models: every model there is, with the keys that it takes.
    /// - Throws: `ZooError`: `.usage` for an override that names no place in the file, else `.data` with all that is wrong at once, each with its key.
    public init(path: String, overrides: [String] = [], models: [SettingTable.Keys]) throws {
        let attributes = try? FileManager.default.attributesOfItem(atPath: (path as NSString).resolvingSymlinksInPath)
        let type = attributes?[.type] as? FileAttributeType
        if type == .typeDirectory {
            throw ZooError(.data, "\(path) is a folder; an experiment is a TOML file", hint: "zoo run \(path)/NAME.toml")
        }
        // Reading a device or a pipe may never end.
        if let type, type != .typeRegular { throw ZooError(.data, "\(path) is not a regular file") }
        // What is larger is refused by its size, unread.
        let size = (attributes?[.size] as? NSNumber)?.intValue ?? 0
        guard size <= TOMLText.maximumBytes else {
            throw ZooError(.data, "\(path) has \(size) bytes; allowed: at most \(TOMLText.maximumBytes)")
        }
        try self.init([UInt8](RunFiles.read(path)), name: path, overrides: overrides, models: models)
    }

    /// The same for text that was read; `name` stands for the file in messages.
    ///
    /// - Complexity: O(length × models)
    public init(_ bytes: [UInt8], name file: String, overrides: [String] = [], models: [SettingTable.Keys]) throws {
        let value = try ExperimentOverride.apply(overrides, to: try TOMLText.parse(bytes, name: file))
        document = ConfigurationJSON(value)
        let problems = ProblemList()
        let table = TableReader(object: value.objectValue ?? JSONObject(), path: "", problems: problems)
        // Figures of papers belong to one comparison.
        let isOne = value.objectValue?["comparison"] == nil
        table.check(known: ["name", "description", "comparison"] + (isOne ? ["published"] : []) + ExperimentSettings.keys)
        name = ExperimentFile.name(table) ?? "experiment"
        description = table.text("description") ?? ""
        let shared = ExperimentSettings(table, known: models)
        var comparisons: [ExperimentComparison] = []
        if table.object["comparison"] != nil {
            let tables =
                table.value("comparison", "tables that begin with [[comparison]]") { value -> [JSONObject]? in
                    guard let items = value.arrayValue, !items.isEmpty else { return nil }
                    let tables = items.compactMap(\.objectValue)
                    return tables.count == items.count ? tables : nil
                } ?? []
            for (index, object) in tables.enumerated() {
                let label = object["name"]?.stringValue ?? "\(index + 1)"
                let own = TableReader(object: object, path: "comparison.\(label)", problems: problems)
                own.check(known: ["name", "published"] + ExperimentSettings.keys)
                let name = ExperimentFile.name(own) ?? label
                if comparisons.contains(where: { $0.name == name }) {
                    problems.add("comparison.\(name): another comparison has this name")
                }
                let settings = ExperimentSettings(own, known: models)
                if let comparison = ExperimentComparison(name, own, settings, shared: shared, known: models) {
                    comparisons.append(comparison)
                }
            }
        } else if let only = ExperimentComparison(name, table, shared, shared: ExperimentSettings(), known: models) {
            comparisons.append(only)
        }
        self.comparisons = comparisons
        let runs = comparisons.reduce(0) { $0 + $1.runCount }
        if runs > ExperimentFile.maximumRuns {
            problems.add(
                "there are \(runs) runs, those of tuning included; allowed: at most \(ExperimentFile.maximumRuns) in one experiment")
        }
        try problems.check(file)
    }

    private static func name(_ table: TableReader) -> String? {
        guard table.object["name"] != nil else {
            table.problems.add("\(table.name("name")) is missing: a name of letters, digits, - and _")
            return nil
        }
        let name = table.value("name", "a name of 1 to 80 letters, digits, - and _, beginning with a letter or digit") { value in
            value.stringValue.flatMap { text -> String? in
                let isPlain = text.utf8.allSatisfy {
                    (0x30 ... 0x39).contains($0) || (0x41 ... 0x5A).contains($0) || (0x61 ... 0x7A).contains($0)
                        || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
                }
                return isPlain && (1 ... 80).contains(text.utf8.count) && text.first != "-" && text.first != "_" ? text : nil
            }
        }
        if let name, reservedNames.contains(name) {
            table.problems.add("\(table.name("name")) is \(name), which is the name of another folder there; choose another")
        }
        return name
    }
}
