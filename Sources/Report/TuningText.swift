import Evaluation
import Experiments
import SequenceModel

/// What tuning chose, in words.
enum TuningText {
    /// `tuned: mamba learning_rate=0.003; transformer learning_rate=0.001`, and what to know about it.
    static func lines(_ rows: [TuningRow]) -> [String] {
        if rows.isEmpty { return [] }
        let chosen = rows.filter(\.isChosen).map { "\($0.model)\($0.task.map { " on \($0.text)" } ?? "") \($0.text)" }
        return ["Tuned on the validation part: \(chosen.isEmpty ? "nothing" : chosen.joined(separator: "; "))."] + edges(rows)
    }

    /// Options whose best value is the smallest or largest that was tried, so that a better one may lie outside; nothing lies below 0.
    static func edges(_ rows: [TuningRow]) -> [String] {
        var models: [String: [String]] = [:]
        for row in rows where row.isChosen {
            let settings = row.settings.value.objectValue ?? JSONObject()
            for key in settings.keys {
                let tried = rows.filter { $0.model == row.model && $0.task == row.task }.compactMap { $0.settings.value[key]?.doubleValue }
                guard let value = settings[key]?.doubleValue, let low = tried.min(), let high = tried.max(), low < high else {
                    continue
                }
                if value == high || value == low && value > 0 { models[key, default: []].append(row.model) }
            }
        }
        return models.sorted { $0.key < $1.key }.map { key, names in
            "The best \(key) of \(names.joined(separator: ", ")) is at the edge of what was tried: a better one may lie outside."
        }
    }
}
