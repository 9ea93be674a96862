import PluginKit
import SequenceModel

/// Settings of MegaByte. There are no published checkpoints: names are this project's, in the manner of Hugging Face.
struct MegaByteConfiguration: ModelConfiguration {
    /// V
    var vocabularySize = 256
    /// P
    var patchSize = 8
    /// D_G, the width of the global transformer
    var hiddenSize = 256
    var intermediateSize = 688
    var layerCount = 4
    var headCount = 4
    /// D_L, the width of the local transformer
    var localHiddenSize = 128
    var localIntermediateSize = 344
    var localLayerCount = 4
    var localHeadCount = 4
    var normEpsilon = 1e-6
    var ropeTheta = 10_000.0
    var initializerRange = 0.02

    enum CodingKeys: String, CodingKey {
        case vocabularySize = "vocab_size"
        case patchSize = "patch_size"
        case hiddenSize = "hidden_size"
        case intermediateSize = "intermediate_size"
        case layerCount = "num_hidden_layers"
        case headCount = "num_attention_heads"
        case localHiddenSize = "local_hidden_size"
        case localIntermediateSize = "local_intermediate_size"
        case localLayerCount = "local_num_hidden_layers"
        case localHeadCount = "local_num_attention_heads"
        case normEpsilon = "rms_norm_eps"
        case ropeTheta = "rope_theta"
        case initializerRange = "initializer_range"
    }

    static let limits: [String: ClosedRange<Int>] = [
        "patch_size": 1 ... 256, "vocab_size": 1 ... 1 << 24, "hidden_size": 2 ... 1 << 18, "local_hidden_size": 2 ... 1 << 18,
        "num_hidden_layers": 1 ... 4096, "local_num_hidden_layers": 1 ... 4096, "num_attention_heads": 1 ... 65_536,
        "local_num_attention_heads": 1 ... 65_536,
    ]

    static let notes = [
        "patch_size": "bytes of a patch; the global transformer takes one step for each patch",
        "hidden_size": "width of the global transformer, a multiple of patch_size",
        "local_hidden_size": "width of the transformer that writes the bytes of a patch",
    ]

    mutating func validate() throws {
        try require(
            hiddenSize % patchSize == 0, "hidden_size", hiddenSize,
            allowed: "a multiple of patch_size (\(patchSize)), because each byte of a patch fills an equal part of it")
        for (width, heads, key, headsKey) in [
            (hiddenSize, headCount, "hidden_size", "num_attention_heads"),
            (localHiddenSize, localHeadCount, "local_hidden_size", "local_num_attention_heads"),
        ] {
            try require(
                width % heads == 0 && width / heads % 2 == 0, key, width,
                allowed: "a multiple of twice \(headsKey) (\(heads)), because rotary positions turn pairs")
        }
        try require(normEpsilon >= 0 && normEpsilon < 1, "rms_norm_eps", normEpsilon, allowed: "from 0 to 1")
        try require(ropeTheta > 1 && ropeTheta.isFinite, "rope_theta", ropeTheta, allowed: "more than 1")
        try require(
            initializerRange >= 0 && initializerRange.isFinite, "initializer_range", initializerRange, allowed: "0 or more")
    }

    /// A local transformer of half the width and the same depth, near the proportions of the paper's largest (2048 and 1024, 14 and 18 layers).
    static func sized(width: Int, for budget: Budget) -> Self {
        var c = Self()
        c.vocabularySize = budget.alphabet
        c.hiddenSize = width
        c.intermediateSize = feedForwardWidth(of: width)
        c.headCount = ByteLevel.headCount(of: width)
        c.localHiddenSize = max(8, (width / 2 + 7) / 8 * 8)
        c.localIntermediateSize = feedForwardWidth(of: c.localHiddenSize)
        c.localHeadCount = ByteLevel.headCount(of: c.localHiddenSize)
        c.layerCount = budget.parameters < 500_000 ? 2 : budget.parameters < 5_000_000 ? 3 : budget.parameters < 30_000_000 ? 4 : 8
        c.localLayerCount = c.layerCount
        return c
    }

    static var adjustable: WritableKeyPath<Self, Int>? { \.intermediateSize }

    /// For self-tests: patches of three bytes, one layer of one head each.
    static var small: Self {
        var c = Self()
        c.vocabularySize = 13
        c.patchSize = 3
        c.hiddenSize = 12
        c.intermediateSize = 8
        c.layerCount = 1
        c.headCount = 2
        c.localHiddenSize = 8
        c.localIntermediateSize = 8
        c.localLayerCount = 1
        c.localHeadCount = 2
        return c
    }
}
