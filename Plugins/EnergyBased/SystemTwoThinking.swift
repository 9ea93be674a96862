import PluginKit

/// S2 of the paper: the number of steps, the step size and the way are random, and the last step alone is trained, so that more steps
/// than in training can help.
enum SystemTwoThinking: EnergySetting {
    static let card = ModelCard(
        id: "ebt-s2", name: "Energy-based transformer, S2", family: "energy-based",
        summary: "As ebt, trained on descents of random length, step and noise, so that more steps at test time can help.",
        paper: "Energy-Based Transformers are Scalable Learners and Thinkers (arXiv:2507.02092)")
    static let stepCount = 2
    static let furtherSteps = 1
    static let stepSize = 2.0
    static let learnsStepSize = false
    static let lossSteps = LossSteps.last
    static let stepSizeRange = 2.0
    static let langevinNoise = 1.0
}
