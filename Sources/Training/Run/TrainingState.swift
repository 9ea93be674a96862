import PluginHost
import SequenceModel

/// What a checkpoint keeps beside the tensors. Order of the data and random choices follow from the seed and the step.
struct TrainingState: Equatable {
    var step: Int
    var tokens: Int
    var trainingSeconds: Double
    var options: TrainingOptions
    var pluginSHA256: String
    var dataSHA256: String

    var json: JSONValue {
        .object([
            "step": .integer(Int64(step)),
            "tokens": .integer(Int64(tokens)),
            "training_seconds": .number(trainingSeconds),
            "options": options.json,
            "plugin_sha256": .string(pluginSHA256),
            "data_sha256": .string(dataSHA256),
            "program": .string("\(HostIdentity.name) \(HostIdentity.version)"),
        ])
    }

    /// Throws `SequenceModelError` or `ZooError` for text that is not such a state.
    init(json: JSONValue) throws {
        guard let step = json["step"]?.integerValue, let tokens = json["tokens"]?.integerValue, step >= 0,
            let seconds = json["training_seconds"]?.doubleValue, let options = json["options"],
            let plugin = json["plugin_sha256"]?.stringValue, let data = json["data_sha256"]?.stringValue
        else { throw ZooError(.data, "a training state lacks a member") }
        self.init(
            step: step, tokens: tokens, trainingSeconds: seconds, options: try TrainingOptions(json: options),
            pluginSHA256: plugin, dataSHA256: data)
    }

    init(
        step: Int, tokens: Int, trainingSeconds: Double, options: TrainingOptions, pluginSHA256: String, dataSHA256: String
    ) {
        self.step = step
        self.tokens = tokens
        self.trainingSeconds = trainingSeconds
        self.options = options
        self.pluginSHA256 = pluginSHA256
        self.dataSHA256 = dataSHA256
    }
}
