// Paper: On the Parameterization and Initialization of Diagonal State Space Models, Gu, Gupta, Goel and Ré 2022, arXiv:2206.11893; S4D-Lin,
//   zero-order hold.
// Update: s_t = e^{Δ A} ⊙ s_{t−1} + B̃ u_t;  y_t = 2 Re(C · s_t) + D u_t, nothing of it following the input.
// Checked against: the layer of state-spaces/s4@e757cef `s4d.py` (output and all gradients).
// Deviations: the paper has no language model; around the layer stand an embedding, a layer norm before each, a residual, a last norm and a
//   tied head, as in the repository's example with `prenorm`. No dropout.

import Layers
import PluginKit
import SequenceModel
import Tensor

final class S4D: SteppingModel {
    static let capabilities: Capabilities = [.causal, .session, .predicts, .fixedState]
    static let card = ModelCard(
        id: "s4d", name: "S4D", family: "state-space",
        summary: "A diagonal linear state-space model: a convolution in training, a recurrence with a fixed state in serving, the same for every input.",
        paper: "On the Parameterization and Initialization of Diagonal State Space Models (arXiv:2206.11893)")

    let embedding: Embedding
    let blocks: [(norm: LayerNorm, mixer: S4DMixer)]
    let norm: LayerNorm
    let head: Linear

    init(_ c: S4DConfiguration, _ p: Parameters) throws {
        embedding = p.embedding("encoder", c.vocabularySize, c.width)
        let mixers = p.layers("s4_layers", c.layerCount) { p, _ in S4DMixer(c.mixer, p) }
        let norms = p.layers("norms", c.layerCount) { p, index in
            LayerNorm(
                weight: p.parameter("weight", shape: [c.width], initialiser: .ones),
                bias: p.parameter("bias", shape: [c.width]), epsilon: 1e-5)
        }
        blocks = zip(norms, mixers).map { ($0, $1) }
        norm = p.layerNorm("norm", c.width)
        head = c.tieEmbeddings ? p.tiedLinear("decoder", to: embedding) : p.linear("decoder", c.width, c.vocabularySize)
    }

    func trunk(_ tokens: Tokens) throws -> Tensor {
        var x = embedding(tokens)  // [B, T, D]
        for block in blocks {
            try checkCancellation()
            x = x + block.mixer(block.norm(x))
        }
        return norm(x)
    }

    func initialState(rows: Int, scalarType: ScalarType) -> LayerStates<S4DMixer.State> {
        LayerStates(blocks.map { $0.mixer.initialState(rows: rows, scalarType: scalarType) })
    }

    func trunk(_ tokens: Tokens, position: Int, _ state: inout LayerStates<S4DMixer.State>) throws -> Tensor {
        var x = embedding(tokens)  // [B, T, D]
        for (index, block) in blocks.enumerated() {
            try checkCancellation()
            x = x + block.mixer(block.norm(x), position: position, &state.layers[index])
        }
        return norm(x)
    }
}
