import Layers
import SequenceModel
import Tensor

/// x ← x + Mixer(RMSNorm(x)), then for each feed-forward x ← x + SwiGLU(RMSNorm(x)).
struct HybridLayer {
    let mixerNorm: RMSNorm
    let mixer: AnyMixer
    let feedForwards: [(norm: RMSNorm, network: FeedForward)]

    init(_ c: HybridConfiguration<some HybridVariant>, _ p: Parameters, _ kind: MixerKind, feedForwards count: Int, layer: Int) throws {
        mixerNorm = p.rmsNorm("input_layernorm", c.hiddenSize, epsilon: c.normEpsilon)
        mixer = try kind.make(c.shape, p.scope(kind.scope), layer)
        feedForwards = (0 ..< count).map { index in
            let suffix = index == 0 ? "" : "_\(index)"
            return (
                p.rmsNorm("post_mixer_layernorm" + suffix, c.hiddenSize, epsilon: c.normEpsilon),
                FeedForward(
                    p.scope("mlp" + suffix), width: c.hiddenSize, hidden: c.intermediateSize,
                    initialiser: .normal(c.initializerRange), outputInitialiser: c.shape.backInitialiser)
            )
        }
    }

    /// [B, T, D] → [B, T, D]
    func callAsFunction(_ x: Tensor) throws -> Tensor { fed(x + (try mixer(mixerNorm(x)))) }

    /// The same after what `state` has read.
    func callAsFunction(_ x: Tensor, position: Int, _ state: inout any ModelState) throws -> Tensor {
        fed(x + (try mixer(mixerNorm(x), position: position, &state)))
    }

    private func fed(_ x: Tensor) -> Tensor { feedForwards.reduce(x) { $0 + $1.network($1.norm($0)) } }
}
