import SequenceModel

/// In what two plans differ, in words.
enum PlanDifference {
    /// Keys that may differ between two calls of the same comparison.
    private static let ignored: Set<String> = ["command", "started", "machine.memory_bytes"]

    /// One entry for each value that differs: `budget.steps: 300 there, 400 here`. Empty when a run of either plan can stand for
    /// that of the other.
    static func describe(stored: ComparisonPlan, wanted: ComparisonPlan) throws -> [String] {
        let there = try flatten(stored)
        let here = try flatten(wanted)
        var lines: [String] = []
        for key in Set(there.keys).union(here.keys).sorted() where there[key] != here[key] {
            let isHidden = ignored.contains(key) || key.hasSuffix(".plugin")
            if !isHidden { lines.append("\(key): \(there[key] ?? "nothing") there, \(here[key] ?? "nothing") here") }
        }
        let (old, new) = (stored.runs.map(\.id), wanted.runs.map(\.id))
        // Runs that only one plan has would fill the screen with all their keys.
        let missing = Set(old).symmetricDifference(new)
        lines.removeAll { line in missing.contains { line.hasPrefix("runs.\($0).") } }
        if old != new {
            lines.insert("runs: \(old.joined(separator: ", ")) there, \(new.joined(separator: ", ")) here", at: 0)
        }
        return lines
    }

    /// Every value under its path; runs under their id; what is in each run because it is in the plan is left out.
    private static func flatten(_ plan: ComparisonPlan) throws -> [String: String] {
        var result: [String: String] = [:]
        func walk(_ value: JSONValue, _ path: String) {
            guard case .object(let object) = value, !object.isEmpty else {
                result[path] = value.description
                return
            }
            for key in object.keys { walk(object[key] ?? .null, path.isEmpty ? key : "\(path).\(key)") }
        }
        var document = try JSONParser.parse(
            Array(JSONFile.text(plan).utf8), maximumBytes: JSONFile.maximumBytes
        ).objectValue ?? JSONObject()
        let runs = document["runs"]?.arrayValue ?? []
        document["runs"] = nil
        walk(.object(document), "")
        for run in runs {
            guard var object = run.objectValue, let id = object["id"]?.stringValue else { continue }
            for key in ["id", "data", "data_files", "threads"] { object[key] = nil }
            walk(.object(object), "runs.\(id)")
        }
        return result
    }
}
