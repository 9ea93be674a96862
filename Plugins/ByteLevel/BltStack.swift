import PluginKit
import SequenceModel

/// Settings of one of BLT's four transformers: keys as in Hugging Face's `BltPatcherConfig`, `BltLocalEncoderConfig`,
/// `BltLocalDecoderConfig` and `BltGlobalTransformerConfig`.
struct BltStack: Codable {
    var hiddenSize: Int
    /// nil: 8/3 of the width
    var intermediateSize: Int?
    var layerCount: Int
    var headCount: Int
    /// nil: as many as heads
    var keyValueHeadCount: Int?
    var normEpsilon = 1e-5
    var rope: Rotary
    /// Of the patcher; encoder and decoder have `local_attention_window_len`.
    var slidingWindow: Int?
    /// Of the decoder: cross-attention before every layer, not the first alone.
    var crossAttentionAllLayers: Bool?

    struct Rotary: Codable {
        var theta: Double

        enum CodingKeys: String, CodingKey { case theta = "rope_theta" }
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case hiddenSize = "hidden_size"
        case intermediateSize = "intermediate_size"
        case layerCount = "num_hidden_layers"
        case headCount = "num_attention_heads"
        case keyValueHeadCount = "num_key_value_heads"
        case normEpsilon = "rms_norm_eps"
        case rope = "rope_parameters"
        case slidingWindow = "sliding_window"
        case crossAttentionAllLayers = "cross_attn_all_layers"
    }

    init(_ width: Int, layers: Int, heads: Int, theta: Double) {
        hiddenSize = width
        layerCount = layers
        headCount = heads
        rope = Rotary(theta: theta)
    }

    /// Fills in what follows from other keys. Throws `.invalidArgument` that names the key under `name`.
    mutating func validate(_ name: String) throws {
        func require(_ condition: Bool, _ key: CodingKeys, _ got: some Any, allowed: String) throws {
            guard condition else { throw BltConfiguration.refuse("\(name).\(key.rawValue)", got, allowed: allowed) }
        }
        let sizes = 1 ... 1 << 18
        try require(sizes.contains(hiddenSize), .hiddenSize, hiddenSize, allowed: "1 to \(1 << 18)")
        try require(sizes.contains(layerCount), .layerCount, layerCount, allowed: "1 to \(1 << 18)")
        try require(
            sizes.contains(headCount) && hiddenSize % headCount == 0 && hiddenSize / headCount % 2 == 0, .headCount, headCount,
            allowed: "a number that cuts hidden_size (\(hiddenSize)) into heads of an even width (rotary positions turn pairs)")
        let shared = keyValueHeadCount ?? headCount
        try require(
            shared > 0 && headCount % shared == 0, .keyValueHeadCount, shared, allowed: "a divisor of num_attention_heads (\(headCount))")
        keyValueHeadCount = shared
        let inner = intermediateSize ?? 8 * hiddenSize / 3
        try require(inner > 0 && inner <= 1 << 20, .intermediateSize, inner, allowed: "1 to \(1 << 20)")
        intermediateSize = inner
        try require(normEpsilon >= 0 && normEpsilon < 1, .normEpsilon, normEpsilon, allowed: "from 0 to 1")
        try require(rope.theta > 1 && rope.theta.isFinite, .rope, rope.theta, allowed: "rope_theta of more than 1")
        if let slidingWindow {
            try require(slidingWindow > 0 && slidingWindow <= Int(Int32.max), .slidingWindow, slidingWindow, allowed: "1 or more, or null")
        }
    }

    /// The sizes of its blocks, with the published first values: standard deviations of one over the root of what is summed.
    func blocks(window: Int?) -> ByteBlock.Shape {
        let inner = intermediateSize ?? 8 * hiddenSize / 3
        let initialiser = BltStack.initialiser(fanIn: hiddenSize)
        return ByteBlock.Shape(
            width: hiddenSize, heads: headCount, keyValueHeads: keyValueHeadCount ?? headCount, hidden: inner, window: window,
            epsilon: normEpsilon, inner: initialiser, back: initialiser, down: BltStack.initialiser(fanIn: inner))
    }

    static func initialiser(fanIn: Int) -> Initialiser { .normal(1 / Double(max(1, fanIn)).squareRoot()) }
}
