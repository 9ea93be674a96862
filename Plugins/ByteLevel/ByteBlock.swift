import Layers
import SequenceModel
import Tensor

/// h = x + Attention(RMSNorm(x));  y = h + SwiGLU(RMSNorm(h)): the block of all transformers of this family, under Llama's names.
struct ByteBlock {
    /// The sizes of a stack of blocks.
    struct Shape {
        /// D
        var width: Int
        /// H
        var heads: Int
        /// G
        var keyValueHeads: Int
        /// F
        var hidden: Int
        /// Keys that a query sees, its own included; nil: all before it.
        var window: Int?
        var epsilon: Double
        /// Of projections into the block, and back into the residual stream.
        var inner: Initialiser
        var back: Initialiser
        /// Of W_down, where it differs.
        var down: Initialiser?

        /// K
        var headWidth: Int { width / heads }
    }

    let inputNorm: RMSNorm
    let attention: SelfAttention
    let postNorm: RMSNorm
    let feedForward: FeedForward

    init(_ p: Parameters, _ s: Shape, rotary: RotaryEmbedding?) {
        inputNorm = p.rmsNorm("input_layernorm", s.width, epsilon: s.epsilon)
        attention = SelfAttention(
            p.scope("self_attn"),
            .init(width: s.width, heads: s.heads, keyValueHeads: s.keyValueHeads, headWidth: s.headWidth, window: s.window),
            rotary: rotary, initialiser: s.inner, outputInitialiser: s.back)
        postNorm = p.rmsNorm("post_attention_layernorm", s.width, epsilon: s.epsilon)
        feedForward = FeedForward(
            p.scope("mlp"), width: s.width, hidden: s.hidden, initialiser: s.inner, outputInitialiser: s.down ?? s.back)
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

extension [ByteBlock] {
    /// Through all blocks.
    func callAsFunction(_ x: Tensor) throws -> Tensor {
        try reduce(x) { x, block in
            try checkCancellation()
            return block(x)
        }
    }

    /// The same after what `caches`, one for each block, have read; at most `KeyValueCache.longestAppend` tokens.
    func callAsFunction(_ x: Tensor, _ caches: inout [KeyValueCache]) throws -> Tensor {
        var x = x
        for (layer, block) in enumerated() {
            try checkCancellation()
            x = try block(x, &caches[layer])
        }
        return x
    }

    /// Caches that have read nothing. Throws `.resourceExhausted` when there is no memory.
    func makeCaches(rows: Int, scalarType: ScalarType) throws -> [KeyValueCache] {
        try map { try $0.attention.makeCache(rows: rows, scalarType: scalarType) }
    }
}

/// Heads of 64, or less in narrow models.
func headCount(of width: Int) -> Int { width / ([64, 32, 16, 8].first { width % $0 == 0 && width / $0 >= 4 } ?? 8) }

/// About 8/3 of the width, a multiple of 8.
func feedForwardWidth(of width: Int) -> Int { (width * 8 / 3 + 7) / 8 * 8 }
