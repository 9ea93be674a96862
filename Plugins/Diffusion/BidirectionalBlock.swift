import Layers
import SequenceModel
import Tensor

/// A Llama block in which every token sees every other: x ← x + W_o Attn(RMSNorm(x));  x ← x + SwiGLU(RMSNorm(x)).
struct BidirectionalBlock {
    private let query: Linear
    private let key: Linear
    private let value: Linear
    private let output: Linear
    private let feedForward: FeedForward
    private let inputNorm: RMSNorm
    private let feedForwardNorm: RMSNorm
    private let headCount: Int

    /// Declares the names of Hugging Face's Llama layers under `p`.
    init(_ c: LLaDAConfiguration, _ p: Parameters) {
        headCount = c.headCount
        inputNorm = p.rmsNorm("input_layernorm", c.hiddenSize, epsilon: c.normEpsilon)
        let attention = p.scope("self_attn")
        // Projections back into the residual stream start smaller by the root of their number, as in GPT-2.
        let inner = Initialiser.normal(0.02), back = Initialiser.normal(0.02 / Double(2 * c.layerCount).squareRoot())
        query = attention.linear("q_proj", c.hiddenSize, c.hiddenSize, initialiser: inner)
        key = attention.linear("k_proj", c.hiddenSize, c.hiddenSize, initialiser: inner)
        value = attention.linear("v_proj", c.hiddenSize, c.hiddenSize, initialiser: inner)
        output = attention.linear("o_proj", c.hiddenSize, c.hiddenSize, initialiser: back)
        feedForwardNorm = p.rmsNorm("post_attention_layernorm", c.hiddenSize, epsilon: c.normEpsilon)
        feedForward = FeedForward(
            p.scope("mlp"), width: c.hiddenSize, hidden: c.intermediateSize, initialiser: inner, outputInitialiser: back)
    }

    /// [B, T, D] → [B, T, D]
    func callAsFunction(_ x: Tensor, _ rotary: RotaryEmbedding) -> Tensor {
        let (rows, length, width) = (x.shape[0], x.shape[1], x.shape[2])
        let norm = inputNorm(x)
        func split(_ x: Tensor) -> Tensor { x.reshaped([rows, length, headCount, width / headCount]) }  // [B, T, H, K]
        let mixed = attention(
            rotary(split(query(norm))), rotary(split(key(norm))), split(value(norm)), visibility: .full(length, length),
            scale: 1 / Double(width / headCount).squareRoot())
        let h = x + output(mixed.reshaped([rows, length, width]))
        return h + feedForward(feedForwardNorm(h))
    }
}
