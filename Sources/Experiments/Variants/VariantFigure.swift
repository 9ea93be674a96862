/// What a trained model is worth under one value of a key that changes no parameter.
///
/// Figures that do not exist for the key or the model are nil; `reason` says why one is missing that could be there.
public struct VariantFigure: Codable, Sendable, Equatable {
    /// Of the configuration, or an option of generation.
    public var key: String
    /// The value of the key.
    public var value: ConfigurationJSON
    /// The configuration that the model was trained with.
    public var isTrained: Bool
    /// On the test part.
    public var bitsPerByte: Double?
    /// Of a bound's estimate.
    public var bitsPerByteStandardError: Double?
    /// Bytes of the test part a second while it was scored, all passes counted.
    public var scoreTokensPerSecond: Double?
    /// New tokens a second for one text after the shortest decoding context.
    public var generateTokensPerSecond: Double?
    /// What the host's n-gram judge makes of texts that the model wrote at temperature 1: mean over the texts.
    public var sampleBitsPerByte: Double?
    /// Standard error of that mean.
    public var sampleStandardError: Double?
    /// Share of different runs of eight bytes among all of a text's: low where the model repeats itself.
    public var sampleDistinct: Double?
    /// Texts behind the three.
    public var samples: Int?
    /// What the judge makes of the true text at the same places, and its share of different runs.
    public var textBitsPerByte: Double?
    /// See `textBitsPerByte`.
    public var textDistinct: Double?
    /// What those of the model's own probes say that give one number, by name: bytes of a patch, for instance.
    public var probes: [String: Double]
    /// Why a figure is missing; empty when none is.
    public var reason: String

    /// Without figures.
    public init(_ setting: VariantSetting, isTrained: Bool = false) {
        key = setting.key
        value = setting.value
        self.isTrained = isTrained
        probes = [:]
        reason = ""
    }

    /// The value as people write it.
    public var valueText: String { VariantSetting.text(of: value) }

    enum CodingKeys: String, CodingKey {
        case key, value
        case isTrained = "trained"
        case bitsPerByte = "bits_per_byte"
        case bitsPerByteStandardError = "bits_per_byte_stderr"
        case scoreTokensPerSecond = "score_tokens_per_second"
        case generateTokensPerSecond = "generate_tokens_per_second"
        case sampleBitsPerByte = "sample_bits_per_byte"
        case sampleStandardError = "sample_stderr"
        case sampleDistinct = "sample_distinct"
        case samples
        case textBitsPerByte = "text_bits_per_byte"
        case textDistinct = "text_distinct"
        case probes, reason
    }

    /// All keys are always there; what is not known is `null`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(key, forKey: .key)
        try container.encode(value, forKey: .value)
        try container.encode(isTrained, forKey: .isTrained)
        try container.encode(bitsPerByte, forKey: .bitsPerByte)
        try container.encode(bitsPerByteStandardError, forKey: .bitsPerByteStandardError)
        try container.encode(scoreTokensPerSecond, forKey: .scoreTokensPerSecond)
        try container.encode(generateTokensPerSecond, forKey: .generateTokensPerSecond)
        try container.encode(sampleBitsPerByte, forKey: .sampleBitsPerByte)
        try container.encode(sampleStandardError, forKey: .sampleStandardError)
        try container.encode(sampleDistinct, forKey: .sampleDistinct)
        try container.encode(samples, forKey: .samples)
        try container.encode(textBitsPerByte, forKey: .textBitsPerByte)
        try container.encode(textDistinct, forKey: .textDistinct)
        try container.encode(probes, forKey: .probes)
        try container.encode(reason, forKey: .reason)
    }
}
