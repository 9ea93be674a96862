import PluginKit
import SequenceModel

/// Settings of BLT; keys as in Hugging Face's `BltConfig`, and two of this project: `byte_offset` and `patcher_loss_weight`.
struct BltConfiguration: ModelConfiguration {
    /// Ids that the embedding knows.
    var vocabularySize = 256
    /// The id of byte 0: published checkpoints have four special ids before it.
    var byteOffset = 0
    var patchingMode = PatchingMode.entropy
    /// Nats above which the next byte begins a patch.
    var patchingThreshold = 1.335442066192627
    /// Bytes of a patch under `fixed`.
    var patchSize = 4
    /// A patch of this length ends; nil: none does for its length.
    var maximumPatchLength: Int?
    /// Share of the patcher's own loss in what is optimised; 0: its weights are as loaded and stay.
    var patcherLossWeight = 1.0
    /// Keys that a byte sees in encoder and decoder, its own included; nil: all before it.
    var localWindow: Int? = 512
    /// Latents of a patch.
    var latentCount = 2
    var hashGroupSizes = [3, 4, 5, 6, 7, 8]
    /// Rows for each group size and function.
    var hashVocabulary = 2048
    var hashFunctionCount = 1
    var encoder = BltStack(128, layers: 1, heads: 4, theta: 500_000)
    var decoder = BltStack.decoder(128, layers: 2, heads: 4)
    var global = BltStack(256, layers: 4, heads: 4, theta: 500_000)
    var patcher = BltStack.patcher(128, layers: 2, heads: 4)

    enum PatchingMode: String, ConfigurationChoice {
        /// A byte that the patcher is unsure of begins a patch.
        case entropy
        /// Patches of `patch_size` bytes.
        case fixed
        /// A byte after one that is neither letter, digit nor part of a longer character begins a patch.
        case space
    }

    enum CodingKeys: String, CodingKey {
        case vocabularySize = "vocab_size"
        case byteOffset = "byte_offset"
        case patchingMode = "patching_mode"
        case patchingThreshold = "patching_threshold"
        case patchSize = "patch_size"
        case maximumPatchLength = "max_patch_length"
        case patcherLossWeight = "patcher_loss_weight"
        case localWindow = "local_attention_window_len"
        case latentCount = "cross_attn_k"
        case hashGroupSizes = "encoder_hash_byte_group_size"
        case hashVocabulary = "encoder_hash_byte_group_vocab"
        case hashFunctionCount = "encoder_hash_byte_group_nb_functions"
        case encoder = "encoder_config"
        case decoder = "decoder_config"
        case global = "global_config"
        case patcher = "patcher_config"
    }

    static let ignoredKeys = ["max_position_embeddings", "patch_in_forward", "patching_batch_size", "rope_parameters", "tie_word_embeddings"]

    static let limits: [String: ClosedRange<Int>] = [
        "vocab_size": 2 ... 1 << 20, "byte_offset": 0 ... 1 << 16, "patch_size": 1 ... 1 << 16, "max_patch_length": 1 ... 1 << 16,
        "cross_attn_k": 1 ... 64, "encoder_hash_byte_group_vocab": 1 ... 1 << 31, "encoder_hash_byte_group_nb_functions": 1 ... 11,
        "local_attention_window_len": 1 ... Int(Int32.max),
    ]

    static let notes = [
        "byte_offset": "the id of byte 0; 4 in published checkpoints, whose special ids come first: symbols then are bytes. 0: symbols are ids",
        "patching_mode": "entropy: a byte that the patcher is unsure of begins a patch; fixed: every patch_size bytes; space: after spaces and signs",
        "patching_threshold": "nats of the patcher's prediction above which the next byte begins a patch",
        "patch_size": "bytes of a patch when patching_mode is fixed",
        "max_patch_length": "a patch of this length ends; null: none ends for its length",
        "patcher_loss_weight": "share of the patcher's own loss in what is optimised; 0: the patcher is not trained",
        "local_attention_window_len": "bytes that encoder and decoder see, the present one included; null: all",
        "cross_attn_k": "latents of a patch",
        "encoder_hash_byte_group_vocab": "rows of the hashed embeddings for each group size and function",
    ]

    mutating func validate() throws {
        try encoder.validate("encoder_config")
        try decoder.validate("decoder_config")
        try global.validate("global_config")
        try patcher.validate("patcher_config")
        try require(
            decoder.hiddenSize == encoder.hiddenSize, "decoder_config.hidden_size", decoder.hiddenSize,
            allowed: "that of encoder_config (\(encoder.hiddenSize)), because the decoder goes on from the encoder's bytes")
        try require(
            encoder.crossAttentionAllLayers != true, "encoder_config.cross_attn_all_layers", true,
            allowed: "false: a patch is pooled once, after the last layer")
        try require(
            byteOffset < vocabularySize, "byte_offset", byteOffset, allowed: "less than vocab_size (\(vocabularySize))")
        try require(patchingThreshold.isFinite, "patching_threshold", patchingThreshold, allowed: "a number")
        try require(
            patcherLossWeight >= 0 && patcherLossWeight <= 1000, "patcher_loss_weight", patcherLossWeight, allowed: "0 to 1000")
        try require(
            hashGroupSizes.count <= 64 && hashGroupSizes.allSatisfy { 1 ... 64 ~= $0 }, "encoder_hash_byte_group_size",
            hashGroupSizes, allowed: "at most 64 lengths of 1 to 64 bytes")
    }

    /// Symbols of the text: bytes, where ids before them are not for texts.
    var symbolCount: Int { vocabularySize - byteOffset }
    /// Whether borders come from a patcher.
    var hasPatcher: Bool { patchingMode == .entropy }
    var trainsPatcher: Bool { hasPatcher && patcherLossWeight > 0 }

    private var globalIntermediateSize: Int {
        get { global.intermediateSize ?? 8 * global.hiddenSize / 3 }
        set { global.intermediateSize = newValue }
    }

    static var adjustable: WritableKeyPath<Self, Int>? { \.globalIntermediateSize }

    /// Local models of half the global width, so that two latents make a patch; about a fifth of the parameters for hashed n-grams.
    static func sized(width: Int, for budget: Budget) -> Self {
        var c = Self()
        c.vocabularySize = budget.alphabet
        let local = width / 2
        let (deep, shallow) =
            budget.parameters < 500_000 ? (2, 1) : budget.parameters < 5_000_000 ? (4, 2) : budget.parameters < 30_000_000 ? (6, 3) : (12, 4)
        c.encoder = BltStack(local, layers: 1, heads: heads(local), theta: 500_000)
        c.decoder = .decoder(local, layers: shallow, heads: heads(local))
        c.patcher = .patcher(local, layers: shallow, heads: heads(local))
        c.global = BltStack(width, layers: deep, heads: heads(width), theta: 500_000)
        c.global.intermediateSize = feedForwardWidth(of: width)
        let rows = (budget.parameters - 20_000) / 5 / max(1, local * c.hashGroupSizes.count)
        c.hashVocabulary = max(16, rows)
        return c
    }

    private static func heads(_ width: Int) -> Int {
        width / ([64, 32, 16, 8, 4].first { width % $0 == 0 && width / $0 >= 4 } ?? (width % 4 == 0 ? 4 : width))
    }
}
