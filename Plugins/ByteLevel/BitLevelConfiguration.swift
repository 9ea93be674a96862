import PluginKit
import SequenceModel

/// Settings of the bit-level transformer, under Hugging Face's names (`LlamaConfig`).
struct BitLevelConfiguration: ModelConfiguration {
    /// V; symbols are read and written as ⌈log₂ V⌉ bits, the most significant first.
    var vocabularySize = 256
    var hiddenSize = 256
    var intermediateSize = 688
    var layerCount = 4
    var headCount = 4
    var normEpsilon = 1e-6
    var ropeTheta = 10_000.0
    var initializerRange = 0.02

    enum CodingKeys: String, CodingKey {
        case vocabularySize = "vocab_size"
        case hiddenSize = "hidden_size"
        case intermediateSize = "intermediate_size"
        case layerCount = "num_hidden_layers"
        case headCount = "num_attention_heads"
        case normEpsilon = "rms_norm_eps"
        case ropeTheta = "rope_theta"
        case initializerRange = "initializer_range"
    }

    static let limits: [String: ClosedRange<Int>] = [
        "vocab_size": 2 ... 65_536, "hidden_size": 2 ... 1 << 18, "num_hidden_layers": 1 ... 4096, "num_attention_heads": 1 ... 65_536,
    ]

    static let notes = ["vocab_size": "symbols; each is read and written as so many bits as it takes, the most significant first"]

    /// Bits of a symbol.
    var bits: Int { Int.bitWidth - (vocabularySize - 1).leadingZeroBitCount }

    mutating func validate() throws {
        try require(
            hiddenSize % headCount == 0 && hiddenSize / headCount % 2 == 0, "hidden_size", hiddenSize,
            allowed: "a multiple of twice num_attention_heads (\(headCount)), because rotary positions turn pairs")
        try require(normEpsilon >= 0 && normEpsilon < 1, "rms_norm_eps", normEpsilon, allowed: "from 0 to 1")
        try require(ropeTheta > 1 && ropeTheta.isFinite, "rope_theta", ropeTheta, allowed: "more than 1")
        try require(
            initializerRange >= 0 && initializerRange.isFinite, "initializer_range", initializerRange, allowed: "0 or more")
    }

    static func sized(width: Int, for budget: Budget) -> Self {
        var c = Self()
        c.vocabularySize = budget.alphabet
        c.hiddenSize = width
        c.intermediateSize = feedForwardWidth(of: width)
        c.headCount = ByteLevel.headCount(of: width)
        c.layerCount = budget.parameters < 500_000 ? 3 : budget.parameters < 5_000_000 ? 4 : budget.parameters < 30_000_000 ? 6 : 12
        return c
    }

    static var adjustable: WritableKeyPath<Self, Int>? { \.intermediateSize }
}
