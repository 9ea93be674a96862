public import SequenceModel

/// One value under which a trained model is evaluated again.
public struct VariantSetting: Codable, Sendable, Equatable {
    /// Options of generation by refinement, which are no keys of a configuration: network evaluations to spend on a text, and the way.
    public static let generationKeys = ["steps", "sampler"]

    /// Of the configuration, or an option of generation.
    public var key: String
    /// What it is set to.
    public var value: ConfigurationJSON
    /// Whether it is one of `generationKeys`: such a setting changes what is written and no score.
    public var isGeneration: Bool

    /// Whether the model knows the key is the planner's to check.
    public init(key: String, value: JSONValue, isGeneration: Bool = false) {
        self.key = key
        self.value = ConfigurationJSON(value)
        self.isGeneration = isGeneration
    }

    enum CodingKeys: String, CodingKey {
        case key, value
        case isGeneration = "generation"
    }

    /// `inference_mcmc_steps=4`
    public var text: String { "\(key)=\(valueText)" }

    /// The value as people write it.
    public var valueText: String { VariantSetting.text(of: value) }

    /// A string without quotes, everything else as JSON.
    static func text(of value: ConfigurationJSON) -> String { value.value.stringValue ?? value.value.description }
}
