// Paper: Learning to (Learn at Test Time): RNNs with Expressive Hidden States, Sun et al. 2024, arXiv:2407.04620, section 2 (rule, mini-batches,
//   dual form) and 3 (backbone).
// Update: W ← W − η ∇ ½ ‖k + LN(f_W(k)) − v‖², gradients at the weights that a mini-batch of 16 tokens began with;  y = q + LN(f_W(q)).
// Checked against: test-time-training/ttt-lm-pytorch@cd831db, the TTT-Linear layer (output, all gradients).
// Deviations: none in the layer. Left out: the convolution before the mixer (`pre_conv`).

import Layers
import PluginKit
import SequenceModel
import Tensor

/// TTT-Linear and TTT-MLP between SwiGLU layers, as in the authors' language models.
final class TestTimeTrainingModel<Variant: TestTimeTrainingVariant>: SteppingModel {
    static var card: ModelCard { Variant.card }
    static var capabilities: Capabilities { [.causal, .session, .predicts, .fixedState] }

    let embedding: Embedding
    let blocks: [MixerBlock<TestTimeTraining>]
    let norm: RMSNorm
    let head: Linear

    init(_ c: TestTimeTrainingConfiguration<Variant>, _ p: Parameters) throws {
        let model = p.scope("model")
        let initialiser = Initialiser.normal(c.initializerRange)
        embedding = model.embedding("embed_tokens", c.vocabularySize, c.hiddenSize, initialiser: initialiser)
        blocks = model.layers("layers", c.layerCount) { p, _ in
            MixerBlock(
                mixerNorm: p.rmsNorm("seq_norm", c.hiddenSize, epsilon: c.normEpsilon),
                mixer: TestTimeTraining(p.scope("seq_modeling_block"), c.mixer, initialiser: initialiser),
                feedForwardNorm: p.rmsNorm("ffn_norm", c.hiddenSize, epsilon: c.normEpsilon),
                feedForward: FeedForward(
                    p.scope("mlp"), width: c.hiddenSize, hidden: c.intermediateSize, initialiser: initialiser))
        }
        norm = model.rmsNorm("norm", c.hiddenSize, epsilon: c.normEpsilon)
        head =
            c.tieWordEmbeddings
            ? p.tiedLinear("lm_head", to: embedding)
            : p.linear("lm_head", c.hiddenSize, c.vocabularySize, initialiser: initialiser)
    }

    func trunk(_ tokens: Tokens) throws -> Tensor { norm(try blocks.read(embedding(tokens))) }

    func initialState(rows: Int, scalarType: ScalarType) throws -> LayerStates<TestTimeTraining.State> {
        try blocks.initialState(rows: rows, scalarType)
    }

    func trunk(_ tokens: Tokens, position: Int, _ state: inout LayerStates<TestTimeTraining.State>) throws -> Tensor {
        norm(try blocks.read(embedding(tokens), position: position, &state))
    }
}
