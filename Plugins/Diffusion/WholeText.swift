import PluginKit

/// MDLM: the whole text is one block.
enum WholeText: DiffusionForm {
    static let card = ModelCard(
        id: "diffusion", name: "Masked diffusion", family: "diffusion",
        summary: "Fills in hidden symbols from both sides, in any order, over several steps; its likelihood is a bound.",
        paper: "Simple and Effective Masked Diffusion Language Models (arXiv:2406.07524)", modelTypes: ["mdlm"])
    static let blockSize = 0
    static let samplers: [DiffusionSampler.Kind] = [.ancestral, .confidence, .firstHitting]
}
