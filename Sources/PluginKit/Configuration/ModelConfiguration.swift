public import SequenceModel

/// The settings of an architecture: a plain struct with a default for each property.
///
/// The kit turns it into JSON and back: `hiddenSize` is the key `hidden_size` (a `CodingKeys` case with another string, which must
/// have an underscore or no capital, is taken as it is), missing keys take the default, unknown ones are refused with the nearest known
/// one, and wrong types are named with what was got and what is expected. An integer whose default is positive must lie in
/// 1 ..< 2³¹ unless `limits` says otherwise, so that a wrong number cannot reach the architecture's own arithmetic.
public protocol ModelConfiguration: Codable {
    /// The defaults.
    init()

    /// Checks what one key alone cannot say, and fills in what follows from other keys. Throws `.invalidArgument`: see `refuse`.
    mutating func validate() throws

    /// Rewrites older or foreign spellings before keys are checked: `modelType` is what the text says of itself. Throws
    /// `.invalidArgument`. Rarely needed.
    static func normalise(_ object: inout JSONObject, modelType: String?) throws

    /// Keys that may be present and mean nothing here, beyond `commonIgnoredKeys`.
    static var ignoredKeys: [String] { get }

    /// What a key means, by key: goes into the schema.
    static var notes: [String: String] { get }

    /// Bounds of integers, by key.
    static var limits: [String: ClosedRange<Int>] { get }

    /// How the architecture scales: a configuration of model width `width` (a positive multiple of 8) for `budget.alphabet`, as deep as suits
    /// `budget.parameters`. The parameter count must grow with `width`.
    static func sized(width: Int, for budget: Budget) -> Self

    /// A size that may be varied to come closer to a budget (the feed-forward width): by half and in multiples of 8 where that is enough,
    /// by up to eight times and in single steps where a small budget cannot be met otherwise.
    static var adjustable: WritableKeyPath<Self, Int>? { get }
}

extension ModelConfiguration {
    /// Accepts everything.
    public mutating func validate() throws {}
    /// Rewrites nothing.
    public static func normalise(_ object: inout JSONObject, modelType: String?) throws {}
    /// None.
    public static var ignoredKeys: [String] { [] }
    /// None.
    public static var notes: [String: String] { [:] }
    /// None beyond the general one.
    public static var limits: [String: ClosedRange<Int>] { [:] }
    /// nil: the width alone meets a budget.
    public static var adjustable: WritableKeyPath<Self, Int>? { nil }

    /// The error for a key whose value cannot be: "hidden_size is 30; allowed: a multiple of 4".
    public static func refuse(_ key: String, _ got: some Any, allowed: String) -> SequenceModelError {
        SequenceModelError(.invalidArgument, "\(key) is \(got); allowed: \(allowed)")
    }

    /// Throws `refuse` unless `condition` holds.
    public func require(_ condition: Bool, _ key: String, _ got: some Any, allowed: String) throws {
        guard condition else { throw Self.refuse(key, got, allowed: allowed) }
    }
}

/// What a `config.json` in the Hugging Face layout says about training, tokenizers and files, none of which is a model's.
public let commonIgnoredKeys: Set<String> = [
    "_name_or_path", "architectures", "auto_map", "bos_token_id", "dtype", "eos_token_id", "initializer_range", "model_type",
    "pad_token_id", "torch_dtype", "transformers_version", "use_cache",
]
