import PluginKit
import SequenceModel

/// Settings of a masked diffusion model; keys as in the `config.json` of kuleshov-group/mdlm and bd3lms. `Form` has the defaults.
struct DiffusionConfiguration<Form: DiffusionForm>: ModelConfiguration {
    /// V, the mask symbol included.
    var vocabularySize = 257
    /// The symbol that stands for "hidden"; −1: the last of the vocabulary.
    var maskTokenID = -1
    /// Tokens in a training window: shown to people, the network takes any length.
    var modelLength = 256
    /// D
    var hiddenSize = 128
    /// Width inside the feed-forward; 0: 4 · D, as published.
    var intermediateSize = 0
    /// Width of the time embedding that modulates every block.
    var conditionSize = 32
    /// L
    var blockCount = 4
    /// H
    var headCount = 4
    /// Off in the published runs: the network is then told the same time, 0, always.
    var timeConditioning = false
    /// 0: the whole text is one block (MDLM). Otherwise blocks of this many tokens, left to right (BD3-LM).
    var blockSize = Form.blockSize
    /// β and ω: times in training are drawn from between them.
    var leastTime = 1e-3
    var largestTime = 1.0
    /// Network evaluations behind a score when the caller leaves the number open.
    var scoreSamples = 8

    enum CodingKeys: String, CodingKey {
        case vocabularySize = "vocab_size"
        case maskTokenID = "mask_token_id"
        case modelLength = "model_length"
        case hiddenSize = "hidden_dim"
        case intermediateSize = "intermediate_size"
        case conditionSize = "cond_dim"
        case blockCount = "n_blocks"
        case headCount = "n_heads"
        case timeConditioning = "time_conditioning"
        case blockSize = "block_size"
        case leastTime = "sampling_eps_min"
        case largestTime = "sampling_eps_max"
        case scoreSamples = "score_samples"
    }

    static var ignoredKeys: [String] { ["dropout", "return_dict", "attn_backend", "cross_attn", "adaln", "causal", "var_min"] }
    static var limits: [String: ClosedRange<Int>] { [
        "vocab_size": 2 ... 1 << 24, "mask_token_id": -1 ... 1 << 24, "block_size": 0 ... 1 << 20, "n_blocks": 1 ... 4096,
        "hidden_dim": 2 ... 1 << 16, "cond_dim": 1 ... 1 << 16, "n_heads": 1 ... 4096,
        "intermediate_size": 0 ... 1 << 20, "score_samples": 1 ... 4096,
    ] }
    static var notes: [String: String] { [
        "mask_token_id": "the symbol that stands for hidden; -1: the last of the vocabulary",
        "block_size": "0: masked diffusion over the whole text (MDLM); n: blocks of n tokens, left to right (BD3-LM)",
        "intermediate_size": "width inside the feed-forward; 0: four times hidden_dim, as published",
        "sampling_eps_min": "least part of a block that is hidden in training (the clipped schedule of BD3-LM); scores use all",
        "sampling_eps_max": "largest part of a block that is hidden in training",
        "score_samples": "network evaluations behind a score",
    ] }

    mutating func validate() throws {
        if maskTokenID == -1 { maskTokenID = vocabularySize - 1 }
        if intermediateSize == 0 { intermediateSize = 4 * hiddenSize }
        try require(
            maskTokenID == vocabularySize - 1, "mask_token_id", maskTokenID,
            allowed: "\(vocabularySize - 1), the last of vocab_size \(vocabularySize)")
        try require(leastTime >= 0 && leastTime < 1, "sampling_eps_min", leastTime, allowed: "0 and more, below 1")
        try require(
            largestTime > leastTime && largestTime <= 1, "sampling_eps_max", largestTime,
            allowed: "above sampling_eps_min \(leastTime), at most 1")
        try require(
            hiddenSize % headCount == 0, "n_heads", headCount, allowed: "a divisor of hidden_dim \(hiddenSize)")
        try require(
            (hiddenSize / headCount) % 2 == 0, "n_heads", headCount,
            allowed: "such that hidden_dim / n_heads is even (rotary embedding turns pairs)")
    }

    /// Four to twelve blocks of heads of 32 to 64 channels; the modulation stays a small part of the whole.
    static func sized(width: Int, for budget: Budget) -> DiffusionConfiguration {
        var configuration = DiffusionConfiguration()
        configuration.vocabularySize = budget.alphabet + 1
        configuration.modelLength = budget.context
        configuration.hiddenSize = width
        configuration.intermediateSize = 4 * width
        configuration.conditionSize = max(8, min(128, width / 16 * 2))
        configuration.blockCount = budget.parameters < 3_000_000 ? 4 : budget.parameters < 30_000_000 ? 8 : 12
        configuration.headCount = width % 64 == 0 && width >= 256 ? width / 64 : width % 32 == 0 ? width / 32 : max(1, width / 8)
        return configuration
    }

    static var adjustable: WritableKeyPath<DiffusionConfiguration, Int>? { \.intermediateSize }

    /// For self-tests, whose rows have eight symbols: one block.
    static var small: DiffusionConfiguration {
        var configuration = DiffusionConfiguration()
        configuration.vocabularySize = 12
        configuration.hiddenSize = 8
        configuration.conditionSize = 4
        configuration.blockCount = 2
        configuration.headCount = 2
        configuration.blockSize = min(8, Form.blockSize)
        return configuration
    }
}
