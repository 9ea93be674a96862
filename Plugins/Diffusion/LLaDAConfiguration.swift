import PluginKit
import SequenceModel

/// Settings of LLaDA; keys as in Hugging Face's `LlamaConfig`, whose block it has.
struct LLaDAConfiguration: ModelConfiguration {
    /// V, the mask symbol included.
    var vocabularySize = 257
    /// The symbol that stands for "hidden"; −1: the last of the vocabulary.
    var maskTokenID = -1
    /// D
    var hiddenSize = 128
    /// F
    var intermediateSize = 344
    /// L
    var layerCount = 4
    /// H
    var headCount = 4
    var normEpsilon = 1e-5
    var ropeTheta = 10_000.0
    /// How often training looks at a text of random length, cut from the beginning.
    var randomLengthProbability = 0.01
    /// Symbols that are filled in before those after them when generating; 0: all at once.
    var generationBlock = 32
    /// Network evaluations behind a score when the caller leaves the number open.
    var scoreSamples = 8

    enum CodingKeys: String, CodingKey {
        case vocabularySize = "vocab_size"
        case maskTokenID = "mask_token_id"
        case hiddenSize = "hidden_size"
        case intermediateSize = "intermediate_size"
        case layerCount = "num_hidden_layers"
        case headCount = "num_attention_heads"
        case normEpsilon = "rms_norm_eps"
        case ropeTheta = "rope_theta"
        case randomLengthProbability = "random_length_probability"
        case generationBlock = "block_length"
        case scoreSamples = "score_samples"
    }

    static let ignoredKeys = ["max_position_embeddings", "hidden_act", "attention_dropout", "tie_word_embeddings"]
    static let limits = [
        "vocab_size": 2 ... 1 << 24, "mask_token_id": -1 ... 1 << 24, "hidden_size": 2 ... 1 << 16, "num_hidden_layers": 1 ... 4096,
        "num_attention_heads": 1 ... 4096, "block_length": 0 ... 1 << 20, "score_samples": 1 ... 4096,
        "intermediate_size": 1 ... 1 << 20,
    ]
    static let notes = [
        "mask_token_id": "the symbol that stands for hidden; -1: the last of the vocabulary",
        "random_length_probability": "how often a batch of training is cut to a random length",
        "block_length": "symbols that are filled in before those after them when generating; 0: all at once",
        "score_samples": "network evaluations behind a score",
    ]

    mutating func validate() throws {
        if maskTokenID == -1 { maskTokenID = vocabularySize - 1 }
        try require(
            maskTokenID == vocabularySize - 1, "mask_token_id", maskTokenID,
            allowed: "\(vocabularySize - 1), the last of vocab_size \(vocabularySize)")
        try require(hiddenSize % headCount == 0, "num_attention_heads", headCount, allowed: "a divisor of hidden_size \(hiddenSize)")
        try require(
            (hiddenSize / headCount) % 2 == 0, "num_attention_heads", headCount,
            allowed: "such that hidden_size / num_attention_heads is even (rotary embedding turns pairs)")
        try require(normEpsilon > 0 && normEpsilon < 1, "rms_norm_eps", normEpsilon, allowed: "above 0, below 1")
        try require(ropeTheta >= 1 && ropeTheta <= 1e12, "rope_theta", ropeTheta, allowed: "1 to 1e12")
        try require(
            randomLengthProbability >= 0 && randomLengthProbability <= 1, "random_length_probability", randomLengthProbability,
            allowed: "0 to 1")
    }

    /// Four to twelve layers of heads of 32 to 64 channels, a feed-forward of 8 / 3 of the width.
    static func sized(width: Int, for budget: Budget) -> LLaDAConfiguration {
        var configuration = LLaDAConfiguration()
        configuration.vocabularySize = budget.alphabet + 1
        configuration.hiddenSize = width
        configuration.intermediateSize = (width * 8 / 3 + 7) / 8 * 8
        configuration.layerCount = budget.parameters < 3_000_000 ? 4 : budget.parameters < 30_000_000 ? 8 : 12
        configuration.headCount = width % 64 == 0 && width >= 256 ? width / 64 : width % 32 == 0 ? width / 32 : max(1, width / 8)
        return configuration
    }

    static var adjustable: WritableKeyPath<LLaDAConfiguration, Int>? { \.intermediateSize }

    /// For self-tests.
    static var small: LLaDAConfiguration {
        var configuration = LLaDAConfiguration()
        configuration.vocabularySize = 12
        configuration.hiddenSize = 8
        configuration.intermediateSize = 12
        configuration.layerCount = 2
        configuration.headCount = 2
        return configuration
    }
}
