import PluginKit
import SequenceModel

/// Settings of RWKV-4; keys as in Hugging Face's `RwkvConfig`.
struct RWKV4Configuration: ModelConfiguration {
    /// V
    var vocabularySize = 256
    /// D
    var hiddenSize = 256
    /// L
    var layerCount = 8
    /// A, channels of the average; 0: D.
    var attentionSize = 0
    /// F; 0: 4 D.
    var intermediateSize = 0
    var normEpsilon = 1e-5
    var tieWordEmbeddings = false

    enum CodingKeys: String, CodingKey {
        case vocabularySize = "vocab_size"
        case hiddenSize = "hidden_size"
        case layerCount = "num_hidden_layers"
        case attentionSize = "attention_hidden_size"
        case intermediateSize = "intermediate_size"
        case normEpsilon = "layer_norm_epsilon"
        case tieWordEmbeddings = "tie_word_embeddings"
    }

    /// How much text one call of another implementation takes, and its halving of activations for 16-bit numbers, which the last norm undoes.
    static let ignoredKeys = ["context_length", "max_position_embeddings", "rescale_every"]
    static let limits = [
        "vocab_size": 1 ... 1 << 24, "hidden_size": 1 ... 1 << 18, "num_hidden_layers": 1 ... 4096,
        "attention_hidden_size": 0 ... 1 << 18, "intermediate_size": 0 ... 1 << 20,
    ]
    static let notes = [
        "attention_hidden_size": "channels of the average over the past; 0: hidden_size",
        "intermediate_size": "width of the feed-forward layer; 0: 4 times hidden_size",
    ]

    static func normalise(_ object: inout JSONObject, modelType: String?) throws {
        for key in ["attention_hidden_size", "intermediate_size"] where object[key] == .null { object[key] = nil }
    }

    mutating func validate() throws {
        if attentionSize == 0 { attentionSize = hiddenSize }
        if intermediateSize == 0 { intermediateSize = 4 * hiddenSize }
        try require(intermediateSize <= 1 << 20, "intermediate_size", intermediateSize, allowed: "at most \(1 << 20)")
        try require(normEpsilon > 0 && normEpsilon < 1, "layer_norm_epsilon", normEpsilon, allowed: "above 0, below 1")
    }

    static func sized(width: Int, for budget: Budget) -> RWKV4Configuration {
        var configuration = RWKV4Configuration()
        configuration.vocabularySize = budget.alphabet
        configuration.hiddenSize = width
        configuration.attentionSize = width
        configuration.intermediateSize = 4 * width
        configuration.layerCount = depth(budget.parameters)
        return configuration
    }

    static var adjustable: WritableKeyPath<RWKV4Configuration, Int>? { \.intermediateSize }

    /// For self-tests.
    static var small: RWKV4Configuration {
        var configuration = RWKV4Configuration()
        configuration.vocabularySize = 11
        configuration.hiddenSize = 8
        configuration.layerCount = 2
        return configuration
    }
}

/// Layers for a number of parameters: 12 from 5 million on, as the smallest published model has, fewer below.
func depth(_ parameters: Int) -> Int {
    switch parameters {
    case ..<50_000: 2
    case ..<500_000: 4
    case ..<5_000_000: 6
    case ..<300_000_000: 12
    default: 24
    }
}
