import PluginKit

/// S1 of the paper: a fixed number of steps, each trained on its own, with a learned step size.
enum StablePretraining: EnergySetting {
    static let card = ModelCard(
        id: "ebt", name: "Energy-based transformer", family: "energy-based",
        summary: "Learns an energy of a context and a distribution over the next symbol, and predicts by descending it.",
        paper: "Energy-Based Transformers are Scalable Learners and Thinkers (arXiv:2507.02092)")
    static let stepCount = 2
    static let furtherSteps = 0
    static let stepSize = 2.0
    static let learnsStepSize = true
    static let lossSteps = LossSteps.all
    static let stepSizeRange = 1.0
    static let langevinNoise = 0.0
}
