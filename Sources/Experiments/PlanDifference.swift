import SequenceModel

/// In what two plans differ, in words.
enum PlanDifference {
    /// Keys that may differ between two calls of the same comparison.
    private static let ignored: Set<String> = ["command", "started", "machine.memory_bytes"]

    /// Training options that follow from the budget: when that differs, they say nothing new.
    private static let derived = [
        "context", "batch", "steps", "minutes", "seed", "checkpoint_every", "evaluate_every", "evaluation_bytes",
    ].map { ".training.\($0)" }

    /// One entry for each value that differs: `budget.steps: 300 there, 400 here`; runs that differ alike are one entry. Empty when
    /// a run of either plan can stand for that of the other.
    static func describe(stored: ComparisonPlan, wanted: ComparisonPlan) throws -> [String] {
        let there = try flatten(stored)
        let here = try flatten(wanted)
        // A model that gave no configuration in one of the calls has no runs to tune there.
        let unsizedModels = Set((stored.runs + wanted.runs).filter { $0.sizingFailure != nil }.map(\.model))
        func ids(_ plan: ComparisonPlan) -> [String] {
            (plan.tuning.filter { !unsizedModels.contains($0.model) } + plan.runs).map(\.id)
        }
        let (old, new) = (ids(stored), ids(wanted))
        var lines =
            old == new ? [] : ["runs: \(old.joined(separator: ", ")) there, \(new.joined(separator: ", ")) here"]
        var budgetDiffers = false
        for key in Set(there.keys).union(here.keys).sorted() where there[key] != here[key] && !key.hasPrefix("runs.") {
            if ignored.contains(key) { continue }
            budgetDiffers = budgetDiffers || key.hasPrefix("budget.")
            lines.append("\(key): \(there[key] ?? "nothing") there, \(here[key] ?? "nothing") here")
        }
        // Runs that only one plan has were named above; where a plugin gave no configuration there is none to compare.
        let unsized = Set((stored.runs + wanted.runs).filter { $0.sizingFailure != nil }.map(\.id))
        let common = old.filter { new.contains($0) && !unsized.contains($0) }
        var runs: [(text: String, ids: [String])] = []
        for id in common {
            let prefix = "runs.\(id)"
            let keys = Set(there.keys).union(here.keys).filter { $0.hasPrefix(prefix + ".") && there[$0] != here[$0] }
            for key in keys.sorted() where !key.hasSuffix(".plugin") {
                if budgetDiffers, derived.contains(where: key.hasSuffix) { continue }
                let name = key.dropFirst(prefix.count + 1)
                let text = "\(name): \(there[key] ?? "nothing") there, \(here[key] ?? "nothing") here"
                if let index = runs.firstIndex(where: { $0.text == text }) {
                    runs[index].ids.append(id)
                } else {
                    runs.append((text, [id]))
                }
            }
        }
        return lines
            + runs.map { text, ids in (ids == common ? "every run" : ids.joined(separator: ", ")) + ", " + text }
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
        var document =
            try JSONParser.parse(
                Array(JSONFile.text(plan).utf8), maximumBytes: JSONFile.maximumBytes
            ).objectValue ?? JSONObject()
        let runs = (document["tuning"]?.arrayValue ?? []) + (document["runs"]?.arrayValue ?? [])
        document["runs"] = nil
        document["tuning"] = nil
        walk(.object(document), "")
        for run in runs {
            guard var object = run.objectValue, let id = object["id"]?.stringValue else { continue }
            for key in ["id", "data", "data_files", "threads"] { object[key] = nil }
            walk(.object(object), "runs.\(id)")
        }
        return result
    }
}
