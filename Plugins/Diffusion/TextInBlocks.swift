import PluginKit

/// BD3-LM: blocks from left to right, each filled in by diffusion.
enum TextInBlocks: DiffusionForm {
    static let card = ModelCard(
        id: "block-diffusion", name: "Block diffusion", family: "diffusion",
        summary: "Writes block after block, each filled in by masked diffusion given those before it; its likelihood is a bound.",
        paper: "Block Diffusion: Interpolating Between Autoregressive and Diffusion Language Models (arXiv:2503.09573)",
        modelTypes: ["bd3lm"])
    static let blockSize = 8
    static let samplers: [DiffusionSampler.Kind] = [.firstHitting, .ancestral, .confidence]
}
