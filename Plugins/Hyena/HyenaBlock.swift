import Layers
import SequenceModel
import Tensor

/// h = x + Hyena(LayerNorm(x));  h + W₂ gelu(W₁ LayerNorm(h))
struct HyenaBlock {
    let mixer: HyenaMixer
    private let norms: (LayerNorm, LayerNorm)
    private let up: Linear
    private let down: Linear

    init(_ c: HyenaConfiguration, _ p: Parameters) {
        // The projections into the residual start smaller by the square root of how many there are.
        let output = Initialiser.normal(0.02 / (2 * Double(c.layerCount)).squareRoot())
        mixer = HyenaMixer(c.mixer(output), p.scope("mixer"))
        norms = (p.layerNorm("norm1", c.width), p.layerNorm("norm2", c.width))
        let feedForward = p.scope("mlp")
        up = feedForward.linear("fc1", c.width, c.feedForwardWidth, bias: true, initialiser: .normal(0.02))
        down = feedForward.linear("fc2", c.feedForwardWidth, c.width, bias: true, initialiser: output)
    }

    /// Training: [B, T, D] → [B, T, D], from the beginning of the text.
    func callAsFunction(_ x: Tensor) -> Tensor { feedForward(x + mixer(norms.0(x))) }

    /// The same for `x` that comes after what made `state`.
    func callAsFunction(_ x: Tensor, position: Int, _ state: inout HyenaMixer.State) throws -> Tensor {
        feedForward(x + (try mixer(norms.0(x), position: position, &state)))
    }

    private func feedForward(_ h: Tensor) -> Tensor { h + down(up(norms.1(h)).geluTanh()) }
}
