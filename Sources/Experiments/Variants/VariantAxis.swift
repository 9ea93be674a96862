import PluginHost
public import SequenceModel

/// One `--vary`: values of a key under which a trained model is evaluated again, its weights as they are.
public struct VariantAxis: Sendable, Equatable {
    /// nil: every model that has the key.
    public var model: String?
    /// Of the model's configuration, or one of `VariantSetting.generationKeys`.
    public var key: String
    /// In the order given, none twice.
    public var values: [JSONValue]

    /// More is nearly always a mistyped list.
    static let maximumValues = 64

    /// As on the command line, for messages.
    public var name: String { (model.map { $0 + "." } ?? "") + key }

    /// Nothing is checked here.
    public init(model: String?, key: String, values: [JSONValue]) {
        self.model = model
        self.key = key
        self.values = values
    }

    /// Reads `inference_mcmc_steps=0,1,2` and `ebt.inference_mcmc_steps=0,1,2`; each value is JSON where it can be, else text.
    ///
    /// - Throws: `ZooError` (`.usage`): not of this form, a value missing or there twice, too many.
    public init(_ text: String) throws {
        guard let sign = text.firstIndex(of: "="), sign != text.startIndex else {
            throw ZooError(
                .usage, "--vary \(text): expected KEY=VALUE,VALUE,… or MODEL.KEY=VALUE,VALUE,…",
                hint: "for example --vary ebt.inference_mcmc_steps=0,1,2,4")
        }
        let parts = text[..<sign].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.allSatisfy({ !$0.isEmpty }) else {
            throw ZooError(.usage, "--vary \(text): the model or the key before '=' is empty")
        }
        model = parts.count == 2 ? parts[0] : nil
        key = parts[parts.count - 1]
        values = []
        for part in text[text.index(after: sign)...].split(separator: ",", omittingEmptySubsequences: false) {
            guard !part.isEmpty else { throw ZooError(.usage, "--vary \(text): a value is empty") }
            let value = (try? JSONParser.parse(String(part))) ?? .string(String(part))
            guard !values.contains(value) else { throw ZooError(.usage, "--vary \(text): \(part) is there twice") }
            values.append(value)
        }
        guard values.count <= VariantAxis.maximumValues else {
            throw ZooError(.usage, "--vary \(name) has \(values.count) values; at most \(VariantAxis.maximumValues)")
        }
    }
}
