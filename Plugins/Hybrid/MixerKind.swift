import Layers
import PluginKit
import SequenceModel

/// A mixer that a pattern can name. To add one, add its line to `all`.
struct MixerKind: Sendable {
    /// As in patterns: `[a-z0-9-]+`.
    let name: String
    /// The scope of its parameters.
    let scope: String
    /// Declares it as layer `layer` under `p`.
    let make: @Sendable (_ c: HybridShape, _ p: Parameters, _ layer: Int) throws -> AnyMixer

    static let all: [MixerKind] = [
        MixerKind(name: "attention", scope: "self_attn") { c, p, _ in AnyMixer(c.attention(p, window: nil)) },
        MixerKind(name: "window", scope: "self_attn") { c, p, _ in AnyMixer(c.attention(p, window: c.window)) },
        MixerKind(name: "mamba", scope: "mixer") { c, p, _ in AnyMixer(MambaMixer(c.mamba, p)) },
        MixerKind(name: "mamba2", scope: "mixer") { c, p, _ in AnyMixer(Mamba2Mixer(c.mamba2, p)) },
        MixerKind(name: "s4d", scope: "mixer") { c, p, _ in AnyMixer(S4DMixer(c.s4d, p)) },
        MixerKind(name: "hyena", scope: "mixer") { c, p, _ in AnyMixer(HyenaMixer(c.hyena, p)) },
        MixerKind(name: "rwkv4", scope: "time_mixing") { c, p, layer in
            AnyMixer(RWKV4TimeMixing(p, width: c.width, channels: c.width, layer: layer, layers: c.layerCount))
        },
        MixerKind(name: "rwkv7", scope: "time_mixing") { c, p, layer in
            AnyMixer(
                RWKV7TimeMixing(
                    p, width: c.width, headSize: c.headWidth, ranks: .init(width: c.width), layer: layer, layers: c.layerCount,
                    valueResidual: false))
        },
        MixerKind(name: "delta", scope: "linear_attn") { c, p, _ in AnyMixer(GatedDeltaNet(p, c.deltaRule(hasDecay: false))) },
        MixerKind(name: "gated-delta", scope: "linear_attn") { c, p, _ in AnyMixer(GatedDeltaNet(p, c.deltaRule(hasDecay: true))) },
        MixerKind(name: "ttt-linear", scope: "ttt") { c, p, _ in
            AnyMixer(TestTimeTraining(p, .init(width: c.width, heads: c.headCount, expansion: nil)))
        },
        MixerKind(name: "ttt-mlp", scope: "ttt") { c, p, _ in
            AnyMixer(TestTimeTraining(p, .init(width: c.width, heads: c.headCount, expansion: 4)))
        },
        MixerKind(name: "titans", scope: "memory") { c, p, _ in
            AnyMixer(TitansMemory(p, .init(width: c.width, heads: c.headCount)))
        },
    ]

    static func named(_ name: String) -> MixerKind? { all.first { $0.name == name } }
}
