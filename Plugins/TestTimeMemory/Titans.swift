// Paper: Titans: Learning to Memorize at Test Time, Behrouz, Zhong and Mirrokni 2025, arXiv:2501.00663, section 3.1 (memory), 3.2 (chunks),
//   4 (the three ways to put it beside attention).
// Update: S ← η S − θ ∇‖f_M(k) − v‖²;  M ← (1 − α) M + S;  y = f_M(q), f_M(k) = k + MLP(k), gradients at the weights of the chunk's start.
// Checked against: the same token by token in double precision, gradients of the inner loss by differentiation (there is no official code).
// Deviations: persistent vectors are seen by attention and not learned by the memory, whose first weights are learned already; MAC without
//   the paper's leak. See the card.

import Layers
import PluginKit
import SequenceModel
import Tensor

/// Titans, in any of its forms.
final class Titans<Variant: TitansVariant>: SteppingModel {
    static var card: ModelCard { Variant.card }
    static var capabilities: Capabilities { [.causal, .session, .predicts, .fixedState] }
    static var probes: [Probe<Titans>] {
        [
            Probe(
                "surprise", "Squared error of each layer's memory before it learns a token, mean over tokens and heads: what is new to it.",
                axes: [.counted("layer") { $0.blocks.count }], unit: "",
                test: .init({ .small }, expected: Variant.expectedSurprise)
            ) { model, batch in try model.surprise(Tokens(batch)) }
        ]
    }

    let embedding: Embedding
    let blocks: [MixerBlock<Variant.M>]
    let norm: RMSNorm
    let head: Linear

    init(_ c: TitansConfiguration<Variant>, _ p: Parameters) throws {
        let model = p.scope("model")
        let shape = c.shape
        embedding = model.embedding("embed_tokens", c.vocabularySize, c.hiddenSize, initialiser: shape.initialiser)
        blocks = model.layers("layers", c.layerCount) { p, _ in
            MixerBlock(
                mixerNorm: p.rmsNorm("input_layernorm", c.hiddenSize, epsilon: c.normEpsilon),
                mixer: Variant.mixer(p.scope("mixer"), shape),
                feedForwardNorm: p.rmsNorm("post_attention_layernorm", c.hiddenSize, epsilon: c.normEpsilon),
                feedForward: FeedForward(
                    p.scope("mlp"), width: c.hiddenSize, hidden: c.intermediateSize, initialiser: shape.initialiser))
        }
        norm = model.rmsNorm("norm", c.hiddenSize, epsilon: c.normEpsilon)
        head =
            c.tieWordEmbeddings
            ? p.tiedLinear("lm_head", to: embedding)
            : p.linear("lm_head", c.hiddenSize, c.vocabularySize, initialiser: shape.initialiser)
    }

    func trunk(_ tokens: Tokens) throws -> Tensor { norm(try blocks.read(embedding(tokens))) }

    func initialState(rows: Int, scalarType: ScalarType) throws -> LayerStates<Variant.M.State> {
        try blocks.initialState(rows: rows, scalarType)
    }

    func trunk(_ tokens: Tokens, position: Int, _ state: inout LayerStates<Variant.M.State>) throws -> Tensor {
        norm(try blocks.read(embedding(tokens), position: position, &state))
    }

    /// Squared error of the memories' predictions, mean over rows, tokens and heads: [L]; 0 for a layer without memory.
    func surprise(_ tokens: Tokens) throws -> Tensor {
        var x = embedding(tokens)  // [B, T, D]
        var values: [Tensor] = []
        for block in blocks {
            try checkCancellation()
            let found = Variant.surprise(block.mixer, block.mixerNorm(x))
            values.append(found.map { $0.mean().reshaped([1]) } ?? .zeros([1], x.scalarType))
            x = try block(x)
        }
        return concatenate(values, axis: 0)
    }
}
