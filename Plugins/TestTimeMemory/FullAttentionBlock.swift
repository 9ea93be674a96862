import Layers
import Tensor

/// h = x + RMSNorm(Attention(x));  y = h + RMSNorm(SwiGLU(h))
///
/// The norm behind the attention is called `feedforward_layer_norm` in the files that Hugging Face's class writes.
struct FullAttentionBlock {
    let attention: NormedAttention
    let postAttentionNorm: RMSNorm
    let feedForward: FeedForward
    let postFeedForwardNorm: RMSNorm

    init(_ p: Parameters, _ shape: DeltaBlock.Shape, rotary: RotaryEmbedding?) {
        let width = shape.linear.width
        attention = NormedAttention(
            p.scope("self_attn"), width: width, heads: shape.heads, keyValueHeads: shape.keyValueHeads, rotary: rotary,
            bias: shape.attentionBias, epsilon: shape.epsilon, initialiser: shape.initialiser)
        postAttentionNorm = p.rmsNorm("feedforward_layer_norm", width, epsilon: shape.epsilon)
        feedForward = FeedForward(
            p.scope("mlp"), width: width, hidden: shape.intermediate, initialiser: shape.initialiser)
        postFeedForwardNorm = p.rmsNorm("post_feedforward_layernorm", width, epsilon: shape.epsilon)
    }

    /// [B, T, D] → [B, T, D]
    func callAsFunction(_ x: Tensor) -> Tensor { rest(x + postAttentionNorm(attention(x))) }

    /// The same after the tokens in `cache`.
    func callAsFunction(_ x: Tensor, _ cache: inout KeyValueCache) throws -> Tensor {
        rest(x + postAttentionNorm(try attention(x, &cache)))
    }

    private func rest(_ h: Tensor) -> Tensor { h + postFeedForwardNorm(feedForward(h)) }
}
