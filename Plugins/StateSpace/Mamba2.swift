// Paper: Transformers are SSMs: Generalized Models and Efficient Algorithms Through Structured State Space Duality, Dao and Gu 2024,
//   arXiv:2405.21060; section 6 (chunks), section 7.1 (block, figure 6, without the parallel projection's tensor sharding).
// Update: S_t = exp(Δ_t A) S_{t−1} + Δ_t x_t B_tᵀ;  y_t = S_t C_t + D x_t, A, Δ and D one number for each head.
// Checked against: transformers 5.23.0 `Mamba2ForCausalLM` (logits and all gradients).
// Deviations: `eigenvalue_range` "[-1,1]" as in mamba; otherwise none in the equations. A starts uniform in [1, 16] as the authors'
//   (state-spaces/mamba@e9594ce), not 1 … H as Hugging Face's. `time_step_limit` holds in sessions too.

import Layers
import PluginKit
import SequenceModel
import Tensor

typealias Mamba2 = SelectiveModel<Mamba2Variant>

enum Mamba2Variant: SelectiveVariant {
    typealias Configuration = Mamba2Configuration
    static let card = ModelCard(
        id: "mamba2", name: "Mamba-2", family: "state-space",
        summary: "Selective state space with one decay a head: matrix products over chunks in training, a fixed state of H · P · N in serving.",
        paper: "Transformers are SSMs (arXiv:2405.21060)")
    static let probes: [Probe<Mamba2>] = [
        Probe(
            "decay", "What multiplies the state at a token, mean over heads and tokens: near 1 where a layer keeps.",
            axes: [.counted("layer") { $0.blocks.count }], unit: "", test: .init({ .small }, expected: [0.3600169, 0.5808896])
        ) { model, batch in try model.figures(Tokens(batch)) { $0.mean() } },
        Probe(
            "smallest_decay", "The smallest such factor of each layer over heads and tokens.",
            axes: [.counted("layer") { $0.blocks.count }], unit: "", combination: .minimum,
            test: .init({ .small }, expected: [0.1634811, 0.2636866])
        ) { model, batch in try model.figures(Tokens(batch)) { -(-$0).max(axis: 0) } },
        Probe(
            "largest_decay", "The largest such factor of each layer over heads and tokens.",
            axes: [.counted("layer") { $0.blocks.count }], unit: "", combination: .maximum,
            test: .init({ .small }, expected: [0.6027793, 0.7735171])
        ) { model, batch in try model.figures(Tokens(batch)) { $0.max(axis: 0) } },
    ]

    static func figures(_ mixer: Mamba2Mixer, _ x: Tensor) -> Tensor { mixer.decays(x) }
}
