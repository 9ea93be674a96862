// Paper: Mamba: Linear-Time Sequence Modeling with Selective State Spaces, Gu and Dao 2023, arXiv:2312.00752; equations 2a, 2b and
//   algorithm 2 (selective scan), section 3.4 (block).
// Update: h_t = exp(Δ_t A) h_{t−1} + Δ_t B_t u_t;  y_t = C_t h_t + D u_t, with Δ, B, C read from the input.
// Checked against: transformers 5.23.0 `MambaForCausalLM` (logits and all gradients).
// Deviations: `eigenvalue_range` "[-1,1]" puts 2 exp(Δ A) − 1 where exp(Δ A) stands (Grazzi et al., arXiv:2411.12537); otherwise none in
//   the equations. First values are the authors' (state-spaces/mamba@e9594ce), not Hugging Face's.

import Layers
import PluginKit
import SequenceModel
import Tensor

typealias Mamba = SelectiveModel<MambaVariant>

enum MambaVariant: SelectiveVariant {
    typealias Configuration = MambaConfiguration
    static let card = ModelCard(
        id: "mamba", name: "Mamba", family: "state-space",
        summary: "A selective state-space model: linear in time, a state of fixed size whose writing and forgetting follow the input.",
        paper: "Mamba: Linear-Time Sequence Modeling with Selective State Spaces (arXiv:2312.00752)")
    static let probes: [Probe<Mamba>] = [
        Probe(
            "step_size", "Δ of the selective scan, mean over channels and tokens: large where a layer writes and forgets.",
            axes: [.counted("layer") { $0.blocks.count }], unit: "", test: .init({ .small }, expected: [0.6817101, 0.7713782])
        ) { model, batch in try model.figures(Tokens(batch)) { $0.mean() } },
        Probe(
            "smallest_step_size", "The smallest Δ of each layer over channels and tokens.",
            axes: [.counted("layer") { $0.blocks.count }], unit: "", combination: .minimum,
            test: .init({ .small }, expected: [0.3564094, 0.3619571])
        ) { model, batch in try model.figures(Tokens(batch)) { -(-$0).max(axis: 0) } },
        Probe(
            "largest_step_size", "The largest Δ of each layer over channels and tokens.",
            axes: [.counted("layer") { $0.blocks.count }], unit: "", combination: .maximum,
            test: .init({ .small }, expected: [1.1988990, 1.1990306])
        ) { model, batch in try model.figures(Tokens(batch)) { $0.max(axis: 0) } },
    ]

    static func figures(_ mixer: MambaMixer, _ x: Tensor) -> Tensor { mixer.stepSizes(x) }
}
