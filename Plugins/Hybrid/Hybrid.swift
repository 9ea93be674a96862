// Papers: Samba, Ren et al. 2024, arXiv:2406.07522; Jamba, Lieber et al. 2024, arXiv:2403.19887; Titans, Behrouz et al. 2025,
//   arXiv:2501.00663 (memory as a layer), whose patterns are presets.
// Update: x ← x + Mixer_l(RMSNorm(x));  x ← x + SwiGLU(RMSNorm(x)), the mixers as the pattern says.
// Checked against: its parts (each mixer's own tests) and a transformer of the same weights (`HybridTests`).
// Deviations: presets are the published order and positions, not the published sizes, experts or norms inside of mixers.

import Layers
import PluginKit
import SequenceModel
import Tensor

final class Hybrid<Variant: HybridVariant>: SteppingModel {
    static var card: ModelCard { Variant.card }

    let embedding: Embedding
    let layers: [HybridLayer]
    let norm: RMSNorm
    let head: Linear

    init(_ c: HybridConfiguration<Variant>, _ p: Parameters) throws {
        let model = p.scope("model")
        let initialiser = Initialiser.normal(c.initializerRange)
        embedding = model.embedding("embed_tokens", c.vocabularySize, c.hiddenSize, initialiser: initialiser)
        let plan = try c.layers()
        layers = try model.layers("layers", c.layerCount) { p, layer in
            guard let kind = MixerKind.named(plan[layer].mixer) else {
                throw SequenceModelError(.internal, "no mixer \(plan[layer].mixer)")
            }
            return try HybridLayer(c, p, kind, feedForwards: plan[layer].feedForwards, layer: layer)
        }
        norm = model.rmsNorm("norm", c.hiddenSize, epsilon: c.normEpsilon)
        head =
            c.tieWordEmbeddings
            ? p.tiedLinear("lm_head", to: embedding)
            : p.linear("lm_head", c.hiddenSize, c.vocabularySize, initialiser: initialiser)
    }

    func trunk(_ tokens: Tokens) throws -> Tensor {
        var x = embedding(tokens)  // [B, T, D]
        for layer in layers {
            try checkCancellation()
            x = try layer(x)
        }
        return norm(x)
    }

    /// Each layer's own.
    struct State: ModelState {
        var layers: [any ModelState]

        mutating func visit(_ visitor: StateVisitor) throws {
            for index in layers.indices { try layers[index].visit(visitor) }
        }

        /// Only if all can.
        mutating func rewind(to position: Int, from length: Int) -> Bool {
            var shorter = layers
            for index in shorter.indices where !shorter[index].rewind(to: position, from: length) { return false }
            layers = shorter
            return true
        }
    }

    func initialState(rows: Int, scalarType: ScalarType) throws -> State {
        State(layers: try layers.map { try $0.mixer.initialState(rows: rows, scalarType: scalarType) })
    }

    func trunk(_ tokens: Tokens, position: Int, _ state: inout State) throws -> Tensor {
        var x = embedding(tokens)  // [B, T, D]
        for (index, layer) in layers.enumerated() {
            try checkCancellation()
            x = try layer(x, position: position, &state.layers[index])
        }
        return norm(x)
    }
}
