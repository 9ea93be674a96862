// Papers: Gated Delta Networks, Yang, Kautz and Hatamizadeh 2024, arXiv:2412.06464, equation 10 and section 3.3 (chunks); Parallelizing
//   Linear Transformers with the Delta Rule, Yang et al. 2024, arXiv:2406.06484; negative eigenvalues: Grazzi et al. 2024, arXiv:2411.12537.
// Update: S ← eᵍ S;  S ← S + β k (v − Sᵀ k)ᵀ;  y = W_o (RMSNorm(Sᵀ q / √K) ⊙ SiLU(W_g x)).
// Checked against: transformers 5.23.0 `OlmoHybridForCausalLM` (logits, all gradients, greedy continuation).
// Deviations: without `layer_types` all layers are linear (a file that says "olmo_hybrid" gets that class's every fourth full layer).

import Layers
import PluginKit
import SequenceModel
import Tensor

/// Gated DeltaNet, DeltaNet, and their hybrids with full attention, in the layout of OLMo-Hybrid.
final class DeltaNet<Variant: DeltaVariant>: SteppingModel {
    static var card: ModelCard { Variant.card }
    static var capabilities: Capabilities { Variant.capabilities }

    let embedding: Embedding
    let blocks: [DeltaBlock]
    let norm: RMSNorm
    let head: Linear

    init(_ c: DeltaConfiguration<Variant>, _ p: Parameters) throws {
        let model = p.scope("model")
        let initialiser = Initialiser.normal(c.initializerRange)
        let rotary = c.rope.map { RotaryEmbedding(pairs: c.hiddenSize / c.headCount / 2, theta: $0.theta) }
        embedding = model.embedding("embed_tokens", c.vocabularySize, c.hiddenSize, initialiser: initialiser)
        blocks = model.layers("layers", c.layerCount) { p, layer in
            c.layerTypes?[layer] == .full
                ? .full(FullAttentionBlock(p, c.block, rotary: rotary)) : .linear(LinearAttentionBlock(p, c.block))
        }
        norm = model.rmsNorm("norm", c.hiddenSize, epsilon: c.normEpsilon)
        head =
            c.tieWordEmbeddings
            ? p.tiedLinear("lm_head", to: embedding)
            : p.linear("lm_head", c.hiddenSize, c.vocabularySize, initialiser: initialiser)
    }

    func trunk(_ tokens: Tokens) throws -> Tensor {
        var x = embedding(tokens)  // [B, T, D]
        for block in blocks {
            try checkCancellation()
            x = block(x)
        }
        return norm(x)
    }

    /// One part for each layer.
    struct State: ModelState {
        var layers: [DeltaBlock.State]

        mutating func visit(_ visitor: StateVisitor) throws {
            for index in layers.indices { try layers[index].visit(visitor) }
        }
    }

    func initialState(rows: Int, scalarType: ScalarType) throws -> State {
        State(layers: try blocks.map { try $0.initialState(rows: rows, scalarType) })
    }

    func trunk(_ tokens: Tokens, position: Int, _ state: inout State) throws -> Tensor {
        var x = embedding(tokens)  // [B, T, D]
        for (layer, block) in blocks.enumerated() {
            try checkCancellation()
            x = try block(x, position: position, &state.layers[layer])
        }
        return norm(x)
    }
}
