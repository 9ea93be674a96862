// Paper: Hyena Hierarchy: Towards Larger Convolutional Language Models, Poli et al. 2023, arXiv:2302.10866; definition 3.1 (the
//   operator), section 3.3 (implicit filters). Modal filters: StripedHyena (Together 2023); Laughing Hyena, arXiv:2310.18780.
// Update: v ← h_j * (x_j ⊙ v) + D_j ⊙ (x_j ⊙ v) for each gate x_j, h_j a filter as long as the text.
// Checked against: the operator of HazyResearch/safari@02220c6 `standalone_hyena.py`, order 3 (output and all gradients).
// Deviations: no dropout. The buffers `pos_emb.t` and `modulation.deltas` are computed, not stored. A modal pole beyond the unit
//   circle acts as if it were on it. Shape of the language model (layer norms, GELU feed-forward, tied head) and its names as in
//   safari's.

import Layers
import PluginKit
import SequenceModel
import Tensor

final class Hyena: SteppingModel {
    static let capabilities: Capabilities = [.causal, .session, .predicts]
    static let card = ModelCard(
        id: "hyena", name: "Hyena", family: "convolution",
        summary: "Convolutions as long as the text between multiplicative gates, their filters a function of the position or modal.",
        paper: "Hyena Hierarchy: Towards Larger Convolutional Language Models (arXiv:2302.10866)")

    let shape: ModelShape
    let embedding: Embedding
    let blocks: [HyenaBlock]
    let norm: LayerNorm
    let head: Linear

    init(_ c: HyenaConfiguration, _ p: Parameters) throws {
        let backbone = p.scope("backbone")
        embedding = backbone.embedding("embeddings.word_embeddings", c.vocabularySize, c.width)
        blocks = backbone.layers("layers", c.layerCount) { p, _ in HyenaBlock(c, p) }
        norm = backbone.layerNorm("ln_f", c.width)
        head = p.tiedLinear("lm_head", to: embedding)
        shape = ModelShape(
            vocabulary: c.vocabularySize, alphabet: c.vocabularySize,
            maximumTokens: c.filter == .implicit ? c.maximumLength : nil)
    }

    func trunk(_ tokens: Tokens) throws -> Tensor {
        var x = embedding(tokens)  // [B, T, D]
        for block in blocks {
            try checkCancellation()
            x = block(x)
        }
        return norm(x)
    }

    func initialState(rows: Int, scalarType: ScalarType) throws -> LayerStates<HyenaMixer.State> {
        LayerStates(try blocks.map { try $0.mixer.initialState(rows: rows, scalarType: scalarType) })
    }

    func trunk(_ tokens: Tokens, position: Int, _ state: inout LayerStates<HyenaMixer.State>) throws -> Tensor {
        var x = embedding(tokens)  // [B, T, D]
        for (index, block) in blocks.enumerated() {
            try checkCancellation()
            x = try block(x, position: position, &state.layers[index])
        }
        return norm(x)
    }
}
