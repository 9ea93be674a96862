import Layers
import Tensor

/// h = x + DeltaRule(RMSNorm(x));  y = h + SwiGLU(RMSNorm(h))
struct LinearAttentionBlock {
    let inputNorm: RMSNorm
    let mixer: GatedDeltaNet
    let feedForwardNorm: RMSNorm
    let feedForward: FeedForward

    init(_ p: Parameters, _ shape: DeltaBlock.Shape) {
        let width = shape.linear.width
        inputNorm = p.rmsNorm("attention_layer_norm", width, epsilon: shape.epsilon)
        mixer = GatedDeltaNet(p.scope("linear_attn"), shape.linear, initialiser: shape.initialiser, first: shape.first)
        feedForwardNorm = p.rmsNorm("feedforward_layer_norm", width, epsilon: shape.epsilon)
        feedForward = FeedForward(
            p.scope("mlp"), width: width, hidden: shape.intermediate, initialiser: shape.initialiser)
    }

    /// [B, T, D] → [B, T, D]
    func callAsFunction(_ x: Tensor) -> Tensor {
        let h = x + mixer(inputNorm(x))
        return h + feedForward(feedForwardNorm(h))
    }

    /// The same after what `state` holds.
    func callAsFunction(_ x: Tensor, position: Int, _ state: inout GatedDeltaNet.State) -> Tensor {
        let h = x + mixer(inputNorm(x), position: position, &state)
        return h + feedForward(feedForwardNorm(h))
    }
}
