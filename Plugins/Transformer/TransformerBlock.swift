import Layers
import SequenceModel
import Tensor

/// h = x + Attention(RMSNorm(x));  y = h + SwiGLU(RMSNorm(h))
struct TransformerBlock {
    let inputNorm: RMSNorm
    let attention: SelfAttention
    let postNorm: RMSNorm
    let feedForward: FeedForward

    init(_ c: TransformerConfiguration, _ p: Parameters, layer: Int, rotary: RotaryEmbedding) {
        let inner = Initialiser.normal(c.initializerRange)
        let back =
            c.initialization == .scaled
            ? Initialiser.normal(c.initializerRange / (2 * Double(c.layerCount)).squareRoot()) : inner
        inputNorm = p.rmsNorm("input_layernorm", c.hiddenSize, epsilon: c.normEpsilon)
        attention = SelfAttention(
            p.scope("self_attn"),
            .init(
                width: c.hiddenSize, heads: c.headCount, keyValueHeads: c.keyValueHeadCount ?? c.headCount,
                headWidth: c.headWidth ?? c.hiddenSize / c.headCount, window: c.window(ofLayer: layer)),
            rotary: rotary, bias: c.attentionBias, initialiser: inner, outputInitialiser: back)
        postNorm = p.rmsNorm("post_attention_layernorm", c.hiddenSize, epsilon: c.normEpsilon)
        feedForward = FeedForward(
            p.scope("mlp"), width: c.hiddenSize, hidden: c.intermediateSize, bias: c.mlpBias, initialiser: inner,
            outputInitialiser: back)
    }

    /// [B, T, D] → [B, T, D]
    func callAsFunction(_ x: Tensor) -> Tensor {
        let h = x + attention(inputNorm(x))
        return h + feedForward(postNorm(h))
    }

    /// The same after the tokens in `cache`.
    func callAsFunction(_ x: Tensor, _ cache: inout KeyValueCache) throws -> Tensor {
        let h = x + (try attention(inputNorm(x), &cache))
        return h + feedForward(postNorm(h))
    }
}
