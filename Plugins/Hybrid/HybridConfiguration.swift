import Layers
import PluginKit
import SequenceModel
import Tensor

/// Settings of a hybrid: a pattern of mixers, and what the mixers in it need.
struct HybridConfiguration<Variant: HybridVariant>: ModelConfiguration {
    var vocabularySize = 256
    var hiddenSize = 256
    /// F
    var intermediateSize = 688
    /// Mixers, by which the pattern is repeated.
    var layerCount = 4
    /// nil: a pattern of one's own.
    var preset: HybridPreset? = Variant.preset
    /// nil: that of the preset, or "mamba2*3 attention".
    var pattern: String?
    var headCount = 4
    var keyValueHeadCount: Int?
    var attentionPositions: HybridPositions?
    var slidingWindow: Int?
    /// N of mamba.
    var mambaStateSize = 16
    /// N of mamba2.
    var mamba2StateSize = 64
    /// N of s4d, an even number.
    var s4dStateSize = 64
    /// Exponentials of a filter of hyena.
    var hyenaStateSize = 16
    var ropeTheta = 10_000.0
    var normEpsilon = 1e-6
    var initializerRange = 0.02
    var tieWordEmbeddings = false

    enum CodingKeys: String, CodingKey {
        case vocabularySize = "vocab_size"
        case hiddenSize = "hidden_size"
        case intermediateSize = "intermediate_size"
        case layerCount = "num_hidden_layers"
        case preset
        case pattern
        case headCount = "num_attention_heads"
        case keyValueHeadCount = "num_key_value_heads"
        case attentionPositions = "attention_positions"
        case slidingWindow = "sliding_window"
        case mambaStateSize = "mamba_state_size"
        case mamba2StateSize = "mamba2_state_size"
        case s4dStateSize = "s4d_state_size"
        case hyenaStateSize = "hyena_state_size"
        case ropeTheta = "rope_theta"
        case normEpsilon = "rms_norm_eps"
        case initializerRange = "initializer_range"
        case tieWordEmbeddings = "tie_word_embeddings"
    }

    static var limits: [String: ClosedRange<Int>] {
        [
            "hidden_size": 2 ... 1 << 18, "intermediate_size": 1 ... 1 << 20, "num_hidden_layers": 1 ... 4096,
            "num_attention_heads": 1 ... 65_536, "num_key_value_heads": 1 ... 65_536, "sliding_window": 1 ... Int(Int32.max),
            "vocab_size": 1 ... 1 << 24, "mamba_state_size": 1 ... 4096, "mamba2_state_size": 1 ... 4096, "s4d_state_size": 2 ... 4096,
            "hyena_state_size": 1 ... 4096,
        ]
    }

    static var notes: [String: String] {
        [
            "preset": "samba, jamba, titans or null: a published pattern and its settings, where the other keys are null",
            "pattern": "mixers one after the other, as \"mamba*3 attention\"; with mlp in it, feed-forwards stand where it says, otherwise after each mixer",
            "num_hidden_layers": "mixers; the pattern is repeated until there are as many",
            "attention_positions": "rotary or none; null: as the preset says, otherwise rotary",
            "sliding_window": "tokens that the mixer window sees, its own included; null: 256, as the preset says 2048 for samba",
        ]
    }

    mutating func validate() throws {
        try require(
            hiddenSize % headCount == 0 && hiddenSize / headCount % 2 == 0, "hidden_size", hiddenSize,
            allowed: "a multiple of twice num_attention_heads (\(headCount)), because rotary positions turn pairs")
        let shared = keyValueHeadCount ?? headCount
        try require(
            headCount % shared == 0, "num_key_value_heads", shared, allowed: "a divisor of num_attention_heads (\(headCount))")
        keyValueHeadCount = shared
        try require(normEpsilon >= 0 && normEpsilon < 1, "rms_norm_eps", normEpsilon, allowed: "from 0 to 1")
        try require(ropeTheta > 1 && ropeTheta.isFinite, "rope_theta", ropeTheta, allowed: "more than 1")
        try require(
            initializerRange >= 0 && initializerRange.isFinite, "initializer_range", initializerRange, allowed: "0 or more")
        try require(s4dStateSize % 2 == 0, "s4d_state_size", s4dStateSize, allowed: "an even number (pairs of conjugates)")
        _ = try layers()
    }

    /// Null keys stay null, so that a preset set later is not overruled by what was filled in before.
    var chosenPattern: String { pattern ?? preset?.pattern ?? "mamba2*3 attention" }
    var chosenPositions: HybridPositions { attentionPositions ?? (preset == .jamba ? HybridPositions.none : .rotary) }
    var chosenWindow: Int { slidingWindow ?? (preset == .samba ? 2048 : 256) }

    /// Mixers with the feed-forwards behind each.
    func layers() throws -> [(mixer: String, feedForwards: Int)] {
        try LayerPattern(chosenPattern).layers(layerCount)
    }

    /// What mixers are made with.
    var shape: HybridShape {
        HybridShape(
            width: hiddenSize, layerCount: layerCount, headCount: headCount, keyValueHeadCount: keyValueHeadCount ?? headCount,
            hasRotary: chosenPositions == .rotary, window: chosenWindow, ropeTheta: ropeTheta, initializerRange: initializerRange,
            mambaStates: mambaStateSize, mamba2States: mamba2StateSize, s4dStates: s4dStateSize, hyenaStates: hyenaStateSize)
    }

    static func sized(width: Int, for budget: Budget) -> Self {
        var c = Self()
        c.vocabularySize = budget.alphabet
        c.hiddenSize = width
        let round = Variant.preset == .jamba ? 8 : 4  // once through the pattern
        c.layerCount = budget.parameters < 5_000_000 ? round : budget.parameters < 30_000_000 ? 8 : 2 * round + (round == 4 ? 4 : 0)
        c.headCount = width / ([64, 32, 16, 8].first { width % $0 == 0 && width / $0 >= 4 } ?? 8)
        if width < 64 { c.mamba2StateSize = 16 }
        if width < 32 { c.mambaStateSize = 4 }
        c.intermediateSize = (width * 8 / 3 + 7) / 8 * 8
        return c
    }

    static var adjustable: WritableKeyPath<Self, Int>? { \.intermediateSize }
}
