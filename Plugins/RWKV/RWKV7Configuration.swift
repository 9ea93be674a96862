import Layers
import PluginKit
import SequenceModel

/// Settings of RWKV-7; keys as in flash-linear-attention's `RWKV7Config`, since Hugging Face's library has no class.
struct RWKV7Configuration: ModelConfiguration {
    /// V
    var vocabularySize = 256
    /// D
    var hiddenSize = 256
    /// L
    var layerCount = 8
    /// N
    var headSize = 64
    /// F; 0: 4 D.
    var intermediateSize = 0
    /// Ranks of the low-rank maps; 0: the authors' suggestion for the width.
    var decayRank = 0, rateRank = 0, valueRank = 0, gateRank = 0
    var normEpsilon = 1e-5
    var firstValueResidual = false

    enum CodingKeys: String, CodingKey {
        case vocabularySize = "vocab_size"
        case hiddenSize = "hidden_size"
        case layerCount = "num_hidden_layers"
        case headSize = "head_dim"
        case intermediateSize = "intermediate_size"
        case decayRank = "decay_low_rank_dim"
        case rateRank = "a_low_rank_dim"
        case valueRank = "v_low_rank_dim"
        case gateRank = "gate_low_rank_dim"
        case normEpsilon = "norm_eps"
        case firstValueResidual = "first_layer_value_residual"
    }

    static let limits = [
        "vocab_size": 1 ... 1 << 24, "hidden_size": 1 ... 1 << 18, "num_hidden_layers": 1 ... 4096, "head_dim": 2 ... 256,
        "intermediate_size": 0 ... 1 << 20, "decay_low_rank_dim": 0 ... 1 << 16, "a_low_rank_dim": 0 ... 1 << 16,
        "v_low_rank_dim": 0 ... 1 << 16, "gate_low_rank_dim": 0 ... 1 << 16,
    ]
    static let notes = [
        "head_dim": "a divisor of hidden_size; the state has hidden_size times head_dim numbers a layer",
        "intermediate_size": "width of the feed-forward layer; 0: 4 times hidden_size",
        "decay_low_rank_dim": "0: 2.5 times the root of hidden_size, to the nearest multiple of 32",
        "a_low_rank_dim": "0: 2.5 times the root of hidden_size, to the nearest multiple of 32",
        "v_low_rank_dim": "0: 1.7 times the root of hidden_size, to the nearest multiple of 32",
        "gate_low_rank_dim": "0: 5 times the root of hidden_size, to the nearest multiple of 32",
        "first_layer_value_residual": "declare blocks.0.att.v0, v1 and v2, which some files have and nothing uses",
    ]

    mutating func validate() throws {
        try require(hiddenSize % headSize == 0, "head_dim", headSize, allowed: "a divisor of hidden_size \(hiddenSize)")
        if intermediateSize == 0 { intermediateSize = 4 * hiddenSize }
        try require(intermediateSize <= 1 << 20, "intermediate_size", intermediateSize, allowed: "at most \(1 << 20)")
        let suggested = RWKV7TimeMixing.Ranks(width: hiddenSize)
        if decayRank == 0 { decayRank = suggested.decay }
        if rateRank == 0 { rateRank = suggested.rate }
        if valueRank == 0 { valueRank = suggested.value }
        if gateRank == 0 { gateRank = suggested.gate }
        try require(normEpsilon > 0 && normEpsilon < 1, "norm_eps", normEpsilon, allowed: "above 0, below 1")
    }

    /// Heads of 64, as published, where the width allows it. Below a width of 64 the suggested ranks would be most of the model: half the width
    /// is taken.
    static func sized(width: Int, for budget: Budget) -> RWKV7Configuration {
        var configuration = RWKV7Configuration()
        configuration.vocabularySize = budget.alphabet
        configuration.hiddenSize = width
        configuration.intermediateSize = 4 * width
        configuration.layerCount = depth(budget.parameters)
        configuration.headSize = [64, 32, 16].first { width % $0 == 0 } ?? 8
        if width < 64 {
            let rank = width / 2
            (configuration.decayRank, configuration.rateRank) = (rank, rank)
            (configuration.valueRank, configuration.gateRank) = (rank, rank)
        }
        return configuration
    }

    static var adjustable: WritableKeyPath<RWKV7Configuration, Int>? { \.intermediateSize }

    /// For self-tests.
    static var small: RWKV7Configuration {
        var configuration = RWKV7Configuration()
        configuration.vocabularySize = 11
        configuration.hiddenSize = 8
        configuration.layerCount = 2
        configuration.headSize = 4
        (configuration.decayRank, configuration.rateRank) = (3, 3)
        (configuration.valueRank, configuration.gateRank) = (2, 5)
        return configuration
    }
}
