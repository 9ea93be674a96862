import Layers
import PluginKit
import SequenceModel

/// Settings of Gated DeltaNet and DeltaNet, under the names of Hugging Face's `OlmoHybridConfig`.
struct DeltaConfiguration<Variant: DeltaVariant>: ModelConfiguration {
    /// V
    var vocabularySize = 256
    /// D
    var hiddenSize = 256
    /// F
    var intermediateSize = 688
    /// L
    var layerCount = 4
    /// H of full attention, and of linear attention unless it says otherwise.
    var headCount = 4
    var keyValueHeadCount: Int?
    var activation = Activation.silu
    var maximumPositions = 2048
    var normEpsilon = 1e-6
    /// nil: full attention without positions.
    var rope: RotaryParameters?
    var layerTypes: [LayerType]?
    var tieWordEmbeddings = false
    var attentionBias = false
    var initializerRange = 0.02
    var keyHeadCount: Int?
    var valueHeadCount: Int?
    /// K
    var keyHeadWidth: Int?
    /// V of a head
    var valueHeadWidth: Int?
    var convolutionWidth = 4
    var allowsNegativeEigenvalues = false
    var rateMinimum = 0.0
    var rateMaximum = 16.0
    var stepMinimum = 0.001
    var stepMaximum = 0.1
    var stepFloor = 1e-4

    enum CodingKeys: String, CodingKey {
        case vocabularySize = "vocab_size"
        case hiddenSize = "hidden_size"
        case intermediateSize = "intermediate_size"
        case layerCount = "num_hidden_layers"
        case headCount = "num_attention_heads"
        case keyValueHeadCount = "num_key_value_heads"
        case activation = "hidden_act"
        case maximumPositions = "max_position_embeddings"
        case normEpsilon = "rms_norm_eps"
        case rope = "rope_parameters"
        case layerTypes = "layer_types"
        case tieWordEmbeddings = "tie_word_embeddings"
        case attentionBias = "attention_bias"
        case initializerRange = "initializer_range"
        case keyHeadCount = "linear_num_key_heads"
        case valueHeadCount = "linear_num_value_heads"
        case keyHeadWidth = "linear_key_head_dim"
        case valueHeadWidth = "linear_value_head_dim"
        case convolutionWidth = "linear_conv_kernel_dim"
        case allowsNegativeEigenvalues = "linear_allow_neg_eigval"
        case rateMinimum = "linear_a_log_min"
        case rateMaximum = "linear_a_log_max"
        case stepMinimum = "linear_dt_min"
        case stepMaximum = "linear_dt_max"
        case stepFloor = "linear_dt_init_floor"
    }

    enum Activation: String, ConfigurationChoice { case silu }

    enum LayerType: String, ConfigurationChoice {
        case linear = "linear_attention"
        case full = "full_attention"
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

    static var ignoredKeys: [String] { ["attention_dropout"] }

    static var limits: [String: ClosedRange<Int>] {
        [
            "vocab_size": 1 ... 1 << 24, "hidden_size": 1 ... 1 << 18, "num_hidden_layers": 1 ... 4096,
            "num_attention_heads": 1 ... 65_536, "num_key_value_heads": 1 ... 65_536, "linear_num_key_heads": 1 ... 65_536,
            "linear_num_value_heads": 1 ... 65_536, "linear_key_head_dim": 1 ... 4096, "linear_value_head_dim": 1 ... 8192,
            "linear_conv_kernel_dim": 1 ... 64,
        ]
    }

    static var notes: [String: String] {
        [
            "num_key_value_heads": "of full attention; null: as many as num_attention_heads",
            "max_position_embeddings": "kept for other programs: rotary positions go on beyond it",
            "rope_parameters": "of full attention; null: no positions",
            "layer_types": Variant.allowsFullAttention
                ? "one for each layer; null: all linear_attention" : "one for each layer, linear_attention; null: all",
            "linear_num_key_heads": "null: as many as num_attention_heads",
            "linear_num_value_heads": "a multiple of linear_num_key_heads; null: as many as num_attention_heads",
            "linear_key_head_dim": "null: \(Variant.keyRatio) times hidden_size / linear_num_key_heads",
            "linear_value_head_dim": "null: \(Variant.valueRatio) times linear_key_head_dim",
            "linear_allow_neg_eigval": "whether the correction may reach 2, which reflects and counts parity",
        ]
    }

    /// A file of Hugging Face's class has its defaults where it says nothing, and may spell rotary positions the older way.
    static func normalise(_ object: inout JSONObject, modelType: String?) throws {
        if let theta = object["rope_theta"] {
            if object["rope_parameters"] == nil { object["rope_parameters"] = .object(["rope_theta": theta]) }
            object["rope_theta"] = nil
        }
        guard modelType == "olmo_hybrid" else { return }
        if object["linear_allow_neg_eigval"] == nil { object["linear_allow_neg_eigval"] = .boolean(true) }
        if let layers = object["num_hidden_layers"]?.integerValue, (1 ... 4096).contains(layers),
            object["layer_types"] ?? .null == .null
        {
            var types = (0 ..< layers).map { $0 % 4 == 3 ? "full_attention" : "linear_attention" }
            if layers < 4 { types[layers - 1] = "full_attention" }
            object["layer_types"] = .array(types.map { .string($0) })
        }
    }

    mutating func validate() throws {
        try require(
            hiddenSize % headCount == 0, "hidden_size", hiddenSize, allowed: "a multiple of num_attention_heads (\(headCount))")
        let keyValueHeads = keyValueHeadCount ?? headCount
        try require(
            headCount % keyValueHeads == 0, "num_key_value_heads", keyValueHeads,
            allowed: "a divisor of num_attention_heads (\(headCount))")
        keyValueHeadCount = keyValueHeads
        let keyHeads = keyHeadCount ?? headCount, valueHeads = valueHeadCount ?? headCount
        try require(
            valueHeads % keyHeads == 0, "linear_num_value_heads", valueHeads,
            allowed: "a multiple of linear_num_key_heads (\(keyHeads))")
        let keyWidth = keyHeadWidth ?? max(1, Int(Variant.keyRatio * Double(hiddenSize) / Double(keyHeads)))
        (keyHeadCount, valueHeadCount, keyHeadWidth) = (keyHeads, valueHeads, keyWidth)
        let valueWidth = valueHeadWidth ?? Variant.valueRatio * keyWidth
        try require(keyWidth <= 4096, "linear_key_head_dim", keyWidth, allowed: "at most 4096")
        try require(valueWidth <= 8192, "linear_value_head_dim", valueWidth, allowed: "at most 8192")
        valueHeadWidth = valueWidth
        try require(normEpsilon >= 0 && normEpsilon < 1, "rms_norm_eps", normEpsilon, allowed: "from 0 to 1")
        try require(
            initializerRange >= 0 && initializerRange.isFinite, "initializer_range", initializerRange, allowed: "0 or more")
        try require(
            rateMinimum >= 0 && rateMinimum <= rateMaximum && rateMaximum <= 1e6, "linear_a_log_min", rateMinimum,
            allowed: "from 0 to linear_a_log_max (\(rateMaximum)), which is at most 1000000")
        try require(
            stepMinimum > 0 && stepMinimum <= stepMaximum && stepMaximum <= 100, "linear_dt_min", stepMinimum,
            allowed: "above 0, at most linear_dt_max (\(stepMaximum)), which is at most 100")
        try require(stepFloor >= 0 && stepFloor <= 100, "linear_dt_init_floor", stepFloor, allowed: "0 to 100")
        if let rope {
            try require(rope.theta > 1 && rope.theta.isFinite, "rope_parameters.rope_theta", rope.theta, allowed: "more than 1")
            try require(
                hiddenSize / headCount % 2 == 0, "hidden_size", hiddenSize,
                allowed: "an even multiple of num_attention_heads (rotary positions turn pairs)")
        }
        guard let layerTypes else { return }
        try require(
            layerTypes.count == layerCount, "layer_types", "a list of \(layerTypes.count)",
            allowed: "as many as num_hidden_layers (\(layerCount))")
        try require(
            Variant.allowsFullAttention || !layerTypes.contains(.full), "layer_types", "a list with full_attention",
            allowed: "linear_attention alone (gated-deltanet takes both)")
    }

    /// What a block needs to know.
    var block: DeltaBlock.Shape {
        let heads = keyHeadCount ?? headCount
        var linear = GatedDeltaNet.Shape(
            width: hiddenSize, keyHeads: heads, valueHeads: valueHeadCount ?? headCount,
            keyWidth: keyHeadWidth ?? hiddenSize / heads, valueWidth: valueHeadWidth ?? hiddenSize / heads)
        linear.convolutionWidth = convolutionWidth
        linear.hasDecay = Variant.isGated
        linear.hasGate = Variant.isGated
        linear.allowsNegativeEigenvalues = allowsNegativeEigenvalues
        return DeltaBlock.Shape(
            linear: linear,
            first: .init(rate: rateMinimum ... rateMaximum, step: stepMinimum ... stepMaximum, floor: stepFloor),
            heads: headCount, keyValueHeads: keyValueHeadCount ?? headCount, attentionBias: attentionBias,
            intermediate: intermediateSize, epsilon: normEpsilon, initialiser: .normal(initializerRange))
    }

    static var adjustable: WritableKeyPath<Self, Int>? { \.intermediateSize }

    /// Depth follows the budget; heads of 64, or less in narrow models; F ≈ 8/3 D.
    static func sized(width: Int, for budget: Budget) -> Self {
        var c = Self()
        c.vocabularySize = budget.alphabet
        c.hiddenSize = width
        c.layerCount = layerCount(for: budget)
        c.headCount = headCount(for: width)
        c.intermediateSize = (width * 8 / 3 + 15) / 16 * 16
        c.maximumPositions = max(c.maximumPositions, budget.context)
        return c
    }
}
