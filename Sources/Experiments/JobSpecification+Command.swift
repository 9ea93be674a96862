import Evaluation
import SequenceModel
import Training

extension JobSpecification {
    /// The command that makes this run again, alone: with the data's paths, what tuning and settings chose, and every key of the
    /// configuration, so that it holds when a plugin proposes something else some day. nil where the model was never sized.
    ///
    /// Its `--parameters` are those that were counted, which the configuration meets exactly.
    public var command: String? {
        guard let parameters, let options = try? TrainingOptions(json: training.value) else { return nil }
        var words = ["zoo", "compare", model]
        if !dataFiles.isEmpty { words += ["--data"] + dataFiles }
        words += task.map { ["--task", $0.text] } ?? ["--split", options.split]
        words += ["--parameters", "\(parameters)"]
        // A task has a length of its own.
        if task == nil { words += ["--context", "\(options.context)"] }
        words += ["--batch", "\(options.batch)"]
        if let minutes = options.minutes {
            words += ["--minutes", JSONValue.number(minutes).description]
        } else {
            words += ["--steps", "\(options.plannedSteps ?? 0)"]
        }
        words += ["--seeds", "\(seed),", "--threads", "\(threads)"]
        let contexts = decodeContexts.map(SizeText.context).joined(separator: ",")
        if task == nil { words += ["--decode-contexts", contexts.isEmpty ? "none" : contexts] }
        words += ["--learning-rate", JSONValue.number(options.learningRate).description]
        words += settings(options).flatMap { ["--set", "\(model).\($0.key)=\(JobSpecification.text($0.value))"] }
        return ShellText.line(words + ["--out", task.map { "\(model)-\($0.name)-seed-\(seed)" } ?? "\(model)-seed-\(seed)"])
    }

    /// Training options that a comparison does not set by itself, and the configuration.
    private func settings(_ options: TrainingOptions) -> [(key: String, value: JSONValue)] {
        let usual = ComparisonRequest.trainingOptions(
            steps: options.minutes == nil ? options.plannedSteps : nil, minutes: options.minutes, context: options.context,
            batch: options.batch
        ).json
        let own = options.json.objectValue ?? JSONObject()
        let chosen = own.keys.filter {
            SettingTable.budgetKeys[$0] == nil && $0 != "learning_rate" && own[$0] != usual[$0]
        }
        let configuration = config.value.objectValue ?? JSONObject()
        let known = Set(TrainingOptions.keyNames).union(SettingTable.budgetKeys.keys)
        let keys = configuration.keys.filter { !known.contains($0) && configuration[$0] != .null }
        var settings: [(key: String, value: JSONValue)] = []
        for key in chosen { settings.append((key, own[key] ?? .null)) }
        for key in keys { settings.append((key, configuration[key] ?? .null)) }
        return settings
    }

    /// As `--set` reads it: a string without quotes, unless it would be read as something else.
    private static func text(_ value: JSONValue) -> String {
        guard let string = value.stringValue, !string.isEmpty, (try? JSONParser.parse(string)) == nil else {
            return value.description
        }
        return string
    }
}
