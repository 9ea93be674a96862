import PluginKit
import SequenceModel

/// Settings of the transformer, under Hugging Face's names (`LlamaConfig`, `MistralConfig`).
struct TransformerConfiguration: ModelConfiguration {
    /// V
    var vocabularySize = 256
    /// D
    var hiddenSize = 256
    /// F
    var intermediateSize = 688
    /// L
    var layerCount = 4
    /// H
    var headCount = 4
    /// G; nil: H
    var keyValueHeadCount: Int?
    /// K; nil: D / H
    var headWidth: Int?
    var activation = Activation.silu
    var maximumPositions = 2048
    var normEpsilon = 1e-6
    var rope = RotaryParameters()
    /// Keys that a sliding layer sees, the query's own included.
    var slidingWindow: Int?
    /// One for each layer; nil: all sliding when there is a window, otherwise all full.
    var layerTypes: [LayerType]?
    var tieWordEmbeddings = false
    var attentionBias = false
    var mlpBias = false
    var initializerRange = 0.02
    var initialization = Initialization.scaled

    enum CodingKeys: String, CodingKey {
        case vocabularySize = "vocab_size"
        case hiddenSize = "hidden_size"
        case intermediateSize = "intermediate_size"
        case layerCount = "num_hidden_layers"
        case headCount = "num_attention_heads"
        case keyValueHeadCount = "num_key_value_heads"
        case headWidth = "head_dim"
        case activation = "hidden_act"
        case maximumPositions = "max_position_embeddings"
        case normEpsilon = "rms_norm_eps"
        case rope = "rope_parameters"
        case slidingWindow = "sliding_window"
        case layerTypes = "layer_types"
        case tieWordEmbeddings = "tie_word_embeddings"
        case attentionBias = "attention_bias"
        case mlpBias = "mlp_bias"
        case initializerRange = "initializer_range"
        case initialization
    }

    enum Activation: String, ConfigurationChoice { case silu }

    enum LayerType: String, ConfigurationChoice {
        case full = "full_attention"
        case sliding = "sliding_attention"
    }

    enum Initialization: String, ConfigurationChoice {
        /// N(0, `initializer_range`), the projections back into the residual stream divided by √(2 L) as in GPT-2.
        case scaled
        /// N(0, `initializer_range`) for all, as Hugging Face does.
        case plain
    }

    struct RotaryParameters: Codable {
        var theta = 10_000.0
        var type = RotaryType.default

        enum CodingKeys: String, CodingKey {
            case theta = "rope_theta"
            case type = "rope_type"
        }
    }

    enum RotaryType: String, ConfigurationChoice { case `default` }

    static let ignoredKeys = ["attention_dropout", "pretraining_tp"]

    static let limits: [String: ClosedRange<Int>] = [
        "num_hidden_layers": 1 ... 4096, "num_attention_heads": 1 ... 65_536, "num_key_value_heads": 1 ... 65_536,
        "head_dim": 2 ... 65_536, "sliding_window": 1 ... Int(Int32.max),
    ]

    static let notes = [
        "num_key_value_heads": "heads that have keys and values; null: as many as num_attention_heads",
        "head_dim": "null: hidden_size / num_attention_heads",
        "max_position_embeddings": "kept for other programs: rotary positions go on beyond it",
        "sliding_window": "keys that a sliding layer sees, the query's own included; null: all",
        "layer_types": "one for each layer; null: all sliding when there is a window, otherwise all full",
        "initialization": "scaled: projections back into the residual stream start smaller by the root of twice the layers",
    ]

    /// Older files say `rope_theta` and `rope_scaling` at the top; a Mistral without `sliding_window` has one of 4096.
    static func normalise(_ object: inout JSONObject, modelType: String?) throws {
        if let theta = object["rope_theta"] {
            var rope = object["rope_parameters"]?.objectValue ?? [:]
            if rope["rope_theta"] == nil { rope["rope_theta"] = theta }
            object["rope_parameters"] = .object(rope)
            object["rope_theta"] = nil
        }
        if let scaling = object["rope_scaling"] {
            guard scaling == .null || scaling["rope_type"] == .string("default") else {
                throw refuse("rope_scaling", scaling, allowed: "null (scaled rotary positions are not implemented)")
            }
            object["rope_scaling"] = nil
        }
        if modelType == "mistral", object["sliding_window"] == nil { object["sliding_window"] = .integer(4096) }
    }

    mutating func validate() throws {
        if headWidth == nil {
            try require(
                hiddenSize % headCount == 0, "hidden_size", hiddenSize,
                allowed: "a multiple of num_attention_heads (\(headCount)) unless head_dim is given")
        }
        let headWidth = headWidth ?? hiddenSize / headCount
        let keyValueHeadCount = keyValueHeadCount ?? headCount
        try require(headWidth % 2 == 0, "head_dim", headWidth, allowed: "an even number (rotary positions turn pairs)")
        try require(
            headCount % keyValueHeadCount == 0, "num_key_value_heads", keyValueHeadCount,
            allowed: "a divisor of num_attention_heads (\(headCount))")
        self.headWidth = headWidth
        self.keyValueHeadCount = keyValueHeadCount
        try require(normEpsilon >= 0 && normEpsilon < 1, "rms_norm_eps", normEpsilon, allowed: "from 0 to 1")
        try require(
            initializerRange >= 0 && initializerRange.isFinite, "initializer_range", initializerRange, allowed: "0 or more")
        try require(rope.theta > 1 && rope.theta.isFinite, "rope_parameters.rope_theta", rope.theta, allowed: "more than 1")
        guard let layerTypes else { return }
        try require(
            layerTypes.count == layerCount, "layer_types", "a list of \(layerTypes.count)",
            allowed: "as many as num_hidden_layers (\(layerCount))")
        try require(
            slidingWindow != nil || !layerTypes.contains(.sliding), "sliding_window", "null",
            allowed: "an integer, since layer_types has sliding_attention")
    }

    /// The window of a layer; nil: it sees everything before it.
    func window(ofLayer layer: Int) -> Int? {
        (layerTypes?[layer] ?? .sliding) == .sliding ? slidingWindow : nil
    }

    static var adjustable: WritableKeyPath<Self, Int>? { \.intermediateSize }

    /// For self-tests: two layers of two heads, of which the second layer sees a window.
    static var small: Self {
        var c = Self()
        c.vocabularySize = 13
        c.hiddenSize = 16
        c.intermediateSize = 8
        c.layerCount = 2
        c.headCount = 2
        c.keyValueHeadCount = 1
        c.slidingWindow = 3
        c.layerTypes = [.full, .sliding]
        return c
    }

    /// Depth follows the budget; heads of 64, or less in narrow models; F ≈ 8/3 D.
    static func sized(width: Int, for budget: Budget) -> Self {
        var c = Self()
        c.vocabularySize = budget.alphabet
        c.hiddenSize = width
        c.layerCount = budget.parameters < 500_000 ? 3 : budget.parameters < 5_000_000 ? 4 : budget.parameters < 30_000_000 ? 6 : 12
        let headWidth = [64, 32, 16, 8].first { width % $0 == 0 && width / $0 >= 4 } ?? 8
        c.headCount = width / headWidth
        c.intermediateSize = (width * 8 / 3 + 15) / 16 * 16
        c.maximumPositions = max(c.maximumPositions, budget.context)
        return c
    }
}
