public import PluginHost
public import SequenceModel

/// `config.json`: which model, and its configuration, flat, as Hugging Face lays it out.
public struct ConfigurationFile: Sendable, Equatable {
    /// The model's id, or the name that Hugging Face's files have for the architecture.
    public var modelType: String
    /// All other keys.
    public var keys: JSONObject

    /// `keys` without `model_type`.
    public init(modelType: String, keys: JSONObject) {
        self.modelType = modelType
        self.keys = keys
    }

    /// Keys of Hugging Face's files that say nothing about the mathematics of a model of this program: who wrote the file, special
    /// tokens of a tokenizer, how to run it. A model that declares one of them gets it all the same.
    public static let bookkeeping: Set<String> = [
        "_attn_implementation", "_name_or_path", "architectures", "auto_map", "bos_token_id", "chunk_size_feed_forward", "dtype",
        "eos_token_id", "gradient_checkpointing", "id2label", "is_decoder", "is_encoder_decoder", "label2id",
        "output_attentions", "output_hidden_states", "pad_token_id", "pretraining_tp", "problem_type", "quantization_config",
        "return_dict", "sep_token_id", "task_specific_params", "tokenizer_class", "torch_dtype", "transformers_version",
        "unk_token_id", "use_cache",
    ]

    /// - Parameter defaultModelType: stands in where the file does not name a model.
    /// - Throws: `ZooError(.data)` with file and place.
    public static func read(_ path: String, defaultModelType: String? = nil) throws -> ConfigurationFile {
        let bytes = try FileReader.text(path, kind: "configuration", limit: 1 << 20)
        guard !bytes.isEmpty else { throw ZooError(.data, "configuration \(path) is empty") }
        let value: JSONValue
        do {
            value = try JSONParser.parse(bytes)
        } catch let error as SequenceModelError {
            throw ZooError(.data, "\(path): \(error.message)", cause: error)
        }
        guard var keys = value.objectValue else {
            throw ZooError(.data, "configuration \(path) must be a JSON object, not \(value.kind)")
        }
        if let given = keys["model_type"], given.stringValue == nil {
            throw ZooError(.data, "\"model_type\" in configuration \(path) must be a string, not \(given.kind)")
        }
        guard let modelType = keys["model_type"]?.stringValue ?? defaultModelType else {
            throw ZooError(.data, "configuration \(path) has no \"model_type\" that names the model")
        }
        keys["model_type"] = nil
        return ConfigurationFile(modelType: modelType, keys: keys)
    }

    /// What is written: `model_type` first.
    public var json: JSONValue {
        var object: JSONObject = ["model_type": .string(modelType)]
        for key in keys.keys { object[key] = keys[key] }
        return .object(object)
    }

    /// The keys that a model with this schema is asked to understand: bookkeeping and keys that are null are left out unless the schema
    /// has them; everything else is passed on, for the model to refuse by name.
    public func configuration(for description: ModelDescription) -> JSONValue {
        let properties = ConfigurationFile.schema(description)?["properties"]?.objectValue
        var object = JSONObject()
        for key in keys.keys {
            let isDeclared = properties?[key] != nil
            if !isDeclared, ConfigurationFile.bookkeeping.contains(key) || keys[key] == .null { continue }
            object[key] = keys[key]
        }
        if ConfigurationFile.modelTypes(description).contains(modelType) { object["model_type"] = .string(modelType) }
        return .object(object)
    }

    /// Whether `description` is the model that the file names: by its id, or because its schema lists the name under `model_types`.
    public func names(_ description: ModelDescription) -> Bool {
        modelType == description.id || ConfigurationFile.modelTypes(description).contains(modelType)
    }

    /// The model that the file names.
    ///
    /// - Throws: `ZooError` with the known ids.
    public func entry(in catalogue: PluginCatalogue) throws -> CatalogueEntry {
        if let exact = catalogue.entries.first(where: { $0.description.id == modelType }) { return exact }
        let others = catalogue.entries.filter { names($0.description) }
        guard let first = others.first else { return try catalogue.entry(named: modelType) }
        guard others.count == 1 else {
            let ids = others.map(\.description.id).joined(separator: ", ")
            throw ZooError(.data, "\"model_type\": \"\(modelType)\" is understood by several models: \(ids)")
        }
        return first
    }

    /// Values of `model_type` that a model wants to be told of.
    private static func modelTypes(_ description: ModelDescription) -> [String] {
        schema(description)?["model_types"]?.arrayValue?.compactMap(\.stringValue) ?? []
    }

    private static func schema(_ description: ModelDescription) -> JSONValue? {
        try? JSONParser.parse(description.configurationSchema)
    }
}
