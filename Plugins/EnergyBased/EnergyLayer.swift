import Layers
import Tensor

/// One block, with the same weights for both streams: x ← x + W_o Attn(RMSNorm(x));  x ← x + W₂ (SiLU(W₁ n) ⊙ W₃ n), n = RMSNorm(x).
struct EnergyLayer {
    private let query: Linear
    private let key: Linear
    private let value: Linear
    private let output: Linear
    private let gate: Linear
    private let down: Linear
    private let up: Linear
    private let attentionNorm: RMSNorm
    private let feedForwardNorm: RMSNorm
    private let rotary: RotaryEmbedding
    let headCount: Int
    let headWidth: Int

    init<Setting>(_ c: EnergyConfiguration<Setting>, _ p: Parameters, _ rotary: RotaryEmbedding) {
        self.rotary = rotary
        headCount = c.headCount
        headWidth = c.width / c.headCount
        func linear(_ name: String, _ inputs: Int, _ outputs: Int) -> Linear {
            p.linear(name, inputs, outputs, initialiser: .xavier(inputs, outputs))
        }
        query = linear("attention.wq", c.width, c.width)
        key = linear("attention.wk", c.width, c.width)
        value = linear("attention.wv", c.width, c.width)
        output = linear("attention.wo", c.width, c.width)
        gate = linear("feed_forward.w1", c.width, c.hiddenWidth)
        down = linear("feed_forward.w2", c.hiddenWidth, c.width)
        up = linear("feed_forward.w3", c.width, c.hiddenWidth)
        attentionNorm = p.rmsNorm("attention_norm", c.width, epsilon: c.normEpsilon)
        feedForwardNorm = p.rmsNorm("ffn_norm", c.width, epsilon: c.normEpsilon)
    }

    /// Keys and values [B, T, H, K] of the context stream x [B, T, D], whose first token stands at `position`.
    func context(_ x: Tensor, from position: Int) -> (norm: Tensor, keys: Tensor, values: Tensor) {
        let norm = attentionNorm(x)
        return (norm, rotary(split(key(norm)), from: position), split(value(norm)))
    }

    /// The context stream after the block: each token sees what `attend` lets its query see.
    func advance(_ x: Tensor, _ norm: Tensor, from position: Int, attend: (_ q: Tensor) -> Tensor) -> Tensor {
        feedForward(x + merge(attend(rotary(split(query(norm)), from: position))))
    }

    /// The candidate stream x [B, T, D] after the block; candidate t sees the first `visible` + t tokens of `context` and itself.
    func candidates(_ x: Tensor, from position: Int, _ context: ContextMemory, visible: Int) -> Tensor {
        let norm = attentionNorm(x)
        let mixed = context.attend(
            rotary(split(query(norm)), from: position), ownKey: rotary(split(key(norm)), from: position),
            ownValue: split(value(norm)), visible: visible, scale: scale)
        return feedForward(x + merge(mixed))
    }

    var scale: Double { 1 / Double(headWidth).squareRoot() }

    private func feedForward(_ x: Tensor) -> Tensor {
        let norm = feedForwardNorm(x)
        return x + down(swiglu(gate(norm), up(norm)))
    }

    /// [B, T, D] → [B, T, H, K]
    private func split(_ x: Tensor) -> Tensor { x.reshaped([x.extent(0), x.extent(1), headCount, headWidth]) }

    /// [B, T, H, K] → [B, T, D]
    private func merge(_ x: Tensor) -> Tensor { output(x.reshaped([x.extent(0), x.extent(1), headCount * headWidth])) }
}
