import Layers
import PluginKit
import SequenceModel

/// Settings of Titans; where Hugging Face has a name for one, it is that.
struct TitansConfiguration<Variant: TitansVariant>: ModelConfiguration {
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
    var normEpsilon = 1e-6
    var tieWordEmbeddings = true
    var initializerRange = 0.02
    var theta = 10_000.0
    var slidingWindow = 64
    var persistentTokens = 4
    var memory = true
    var memoryDepth = 2
    var memoryExpansion = 2
    var memoryMaximumRate = 0.1
    var chunkSize = 32
    var convolutionWidth = 4

    enum CodingKeys: String, CodingKey {
        case vocabularySize = "vocab_size"
        case hiddenSize = "hidden_size"
        case intermediateSize = "intermediate_size"
        case layerCount = "num_hidden_layers"
        case headCount = "num_attention_heads"
        case normEpsilon = "rms_norm_eps"
        case tieWordEmbeddings = "tie_word_embeddings"
        case initializerRange = "initializer_range"
        case theta = "rope_theta"
        case slidingWindow = "sliding_window"
        case persistentTokens = "num_persistent_tokens"
        case memory
        case memoryDepth = "memory_depth"
        case memoryExpansion = "memory_expansion"
        case memoryMaximumRate = "memory_max_rate"
        case chunkSize = "chunk_size"
        case convolutionWidth = "conv_kernel"
    }

    static var limits: [String: ClosedRange<Int>] {
        [
            "vocab_size": 1 ... 1 << 24, "hidden_size": 1 ... 1 << 18, "num_hidden_layers": 1 ... 4096,
            "num_attention_heads": 1 ... 65_536, "sliding_window": 1 ... 1 << 16, "num_persistent_tokens": 0 ... 4096,
            "memory_depth": 1 ... 4, "memory_expansion": 1 ... 64, "chunk_size": 1 ... 256, "conv_kernel": 1 ... 64,
        ]
    }

    static var notes: [String: String] {
        [
            "sliding_window": "keys that attention sees, the query's own included (MAG and MAL)",
            "num_persistent_tokens": "learned vectors that attention sees before every text",
            "memory": "false: the control, the same without its memory",
            "memory_depth": "layers of the network that is learned while reading, 1 to 4",
            "memory_expansion": "width of its layers between, over that of a head",
            "memory_max_rate": "largest step of the memory; much above 1 / chunk_size it can blow up",
            "chunk_size": "tokens whose inner gradients are taken at the same weights; in MAC the segment",
        ]
    }

    mutating func validate() throws {
        try require(
            hiddenSize % headCount == 0 && hiddenSize / headCount % 2 == 0, "hidden_size", hiddenSize,
            allowed: "an even multiple of num_attention_heads (\(headCount)): rotary positions turn pairs")
        try require(
            hiddenSize / headCount <= 4096, "hidden_size", hiddenSize, allowed: "at most 4096 times num_attention_heads (\(headCount))")
        try require(normEpsilon >= 0 && normEpsilon < 1, "rms_norm_eps", normEpsilon, allowed: "from 0 to 1")
        try require(
            initializerRange >= 0 && initializerRange.isFinite, "initializer_range", initializerRange, allowed: "0 or more")
        try require(theta > 1 && theta.isFinite, "rope_theta", theta, allowed: "more than 1")
        try require(memoryMaximumRate >= 0 && memoryMaximumRate <= 1000, "memory_max_rate", memoryMaximumRate, allowed: "0 to 1000")
    }

    /// What the mixers need to know.
    var shape: TitansShape {
        var inner = NeuralMemory.Shape(width: hiddenSize, heads: headCount)
        inner.depth = memoryDepth
        inner.expansion = memoryExpansion
        inner.chunk = chunkSize
        inner.convolutionWidth = convolutionWidth
        inner.maximumRate = memoryMaximumRate
        return TitansShape(
            width: hiddenSize, heads: headCount, window: slidingWindow, persistent: persistentTokens, theta: theta,
            hasMemory: memory, memory: inner, epsilon: normEpsilon, initialiser: .normal(initializerRange))
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
        return c
    }

    /// For self-tests: chunks that end inside of the text.
    static var small: Self {
        var c = Self()
        c.vocabularySize = 11
        c.hiddenSize = 8
        c.intermediateSize = 6
        c.layerCount = 2
        c.headCount = 2
        c.slidingWindow = 3
        c.persistentTokens = 1
        c.chunkSize = 3
        return c
    }
}
