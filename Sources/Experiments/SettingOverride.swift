import PluginHost
public import SequenceModel

/// One `--set`: `hidden_size=128` for every model that has the key, `mamba.learning_rate=0.003` for one.
public struct SettingOverride: Sendable, Equatable {
    /// nil: every model that has the key.
    public var model: String?
    /// Of training or of the model's configuration: `SettingTable` finds out which.
    public var key: String
    /// JSON where the text is JSON, else the text itself.
    public var value: JSONValue

    /// As on the command line, for messages.
    public var name: String { (model.map { $0 + "." } ?? "") + key }

    /// `value` for `key`, of `model` or of every model that has it.
    public init(model: String?, key: String, value: JSONValue) {
        self.model = model
        self.key = key
        self.value = value
    }

    /// Throws `.usage` when the text is not `[model.]key=value`.
    public init(_ text: String) throws {
        guard let sign = text.firstIndex(of: "="), sign != text.startIndex else {
            throw ZooError(
                .usage, "--set \(text): expected KEY=VALUE or MODEL.KEY=VALUE",
                hint: "for example --set mamba.learning_rate=0.003")
        }
        let name = text[..<sign]
        let rest = String(text[text.index(after: sign)...])
        guard !rest.isEmpty else { throw ZooError(.usage, "--set \(text): there is no value after '='") }
        let parts = name.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2 {
            guard !parts[0].isEmpty, !parts[1].isEmpty else {
                throw ZooError(.usage, "--set \(text): the model or the key before '=' is empty")
            }
            model = String(parts[0])
            key = String(parts[1])
        } else {
            model = nil
            key = String(name)
        }
        value = (try? JSONParser.parse(rest)) ?? .string(rest)
    }
}
