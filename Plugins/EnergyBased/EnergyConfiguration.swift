import PluginKit
import SequenceModel

/// Settings of an energy-based transformer; keys as the hyper-parameters of alexiglad/EBT. `Setting` has the defaults.
struct EnergyConfiguration<Setting: EnergySetting>: ModelConfiguration {
    /// V
    var vocabularySize = 256
    /// D
    var width = 128
    /// F, the width inside the feed-forward; 0: D, as published.
    var hiddenWidth = 0
    /// L
    var layerCount = 4
    /// H
    var headCount = 4
    var normEpsilon = 1e-5
    /// N, steps of descent in training.
    var stepCount = Setting.stepCount
    /// In training up to so many steps more, uniformly.
    var furtherSteps = Setting.furtherSteps
    /// Steps when scoring and serving; nil: N.
    var inferenceSteps: Int?
    /// Embeddings of the step; 0: as many as steps in training. Later steps use the last.
    var stepEmbeddings = 0
    /// α, first value.
    var stepSize = Setting.stepSize
    var learnsStepSize = Setting.learnsStepSize
    /// Factor on the learning rate of α; 0: 3 α, which is what 1500 is to 500.
    var stepSizeRate = 0.0
    /// In training α is multiplied by U[1 / r, r] at each position; 1: not.
    var stepSizeRange = Setting.stepSizeRange
    /// Whether the loss of a step is derived through the steps before it. Published S1: no.
    var derivesThroughSteps = true
    /// Whether all steps but the last are taken as given. Published S2: yes.
    var truncatesDescent = false
    /// Which steps' nats are the loss.
    var lossSteps = Setting.lossSteps
    /// Deviation of the noise on the logits before each step in training.
    var langevinNoise = Setting.langevinNoise
    /// Deviation of the logits that descents begin from.
    var startNoise = 1.0
    /// What the start of a score or session follows from, with the position.
    var startSeed = 0
    /// Positions whose start is saved with the model, as a table, in place of random numbers; 0: none. The longest text then.
    var startPositions = 0

    enum CodingKeys: String, CodingKey {
        case vocabularySize = "vocab_size"
        case width = "embedding_dim"
        case hiddenWidth = "ffn_hidden_dim"
        case layerCount = "num_transformer_blocks"
        case headCount = "multiheaded_attention_heads"
        case normEpsilon = "norm_eps"
        case stepCount = "mcmc_num_steps"
        case furtherSteps = "randomize_mcmc_num_steps"
        case inferenceSteps = "inference_mcmc_steps"
        case stepEmbeddings = "mcmc_step_embeddings"
        case stepSize = "mcmc_step_size"
        case learnsStepSize = "mcmc_step_size_learnable"
        case stepSizeRate = "mcmc_step_size_lr_multiplier"
        case stepSizeRange = "randomize_mcmc_step_size_scale"
        case derivesThroughSteps = "no_mcmc_detach"
        case truncatesDescent = "truncate_mcmc"
        case lossSteps = "loss_steps"
        case langevinNoise = "langevin_dynamics_noise"
        case startNoise = "gaussian_random_noise_scaling"
        case startSeed = "start_seed"
        case startPositions = "start_positions"
    }

    /// Steps of the descent in training, at most.
    var mostSteps: Int { stepCount + furtherSteps }
    /// Steps when scoring and serving.
    var servedSteps: Int { inferenceSteps ?? stepCount }

    static var ignoredKeys: [String] { ["context_length", "denoising_initial_condition", "ebt_type", "model_name", "modality"] }
    static var limits: [String: ClosedRange<Int>] {
        [
            "vocab_size": 2 ... 1 << 20, "embedding_dim": 2 ... 1 << 16, "ffn_hidden_dim": 0 ... 1 << 20,
            "num_transformer_blocks": 1 ... 4096, "multiheaded_attention_heads": 1 ... 4096, "mcmc_num_steps": 1 ... 64,
            "randomize_mcmc_num_steps": 0 ... 64, "inference_mcmc_steps": 0 ... 1024, "mcmc_step_embeddings": 0 ... 128,
            "start_seed": 0 ... Int(Int32.max), "start_positions": 0 ... 1 << 20,
        ]
    }
    static var notes: [String: String] {
        [
            "ffn_hidden_dim": "width inside the feed-forward; 0: embedding_dim, as published",
            "mcmc_num_steps": "steps of descent in training",
            "randomize_mcmc_num_steps": "up to so many steps more in training, uniformly",
            "inference_mcmc_steps": "steps when scoring and serving, 0 and more; null: mcmc_num_steps; parameters do not depend on it",
            "mcmc_step_embeddings": "embeddings of the step; 0: as many as steps in training; later steps use the last",
            "mcmc_step_size": "first value of alpha; what is natural grows with vocab_size",
            "mcmc_step_size_lr_multiplier": "factor on alpha's learning rate; 0: three times mcmc_step_size",
            "randomize_mcmc_step_size_scale": "in training alpha is multiplied by a number between 1 / r and r at each position",
            "no_mcmc_detach": "whether the loss of a step is derived through the steps before it; the published S1: false",
            "truncate_mcmc": "whether all steps but the last are taken as given; the published S2: true",
            "loss_steps": "all: the mean of the nats after each step; last: the nats after the last",
            "langevin_dynamics_noise": "deviation of the noise on the logits before each step in training; none when scoring",
            "gaussian_random_noise_scaling": "deviation of the logits that a descent begins from",
            "start_seed": "what the start of a score or session follows from, with the position",
            "start_positions": "n: the logits that every descent begins from are a table of n positions in the checkpoint, start.weight; 0: random",
        ]
    }

    mutating func validate() throws {
        if hiddenWidth == 0 { hiddenWidth = width }
        if stepEmbeddings == 0 { stepEmbeddings = mostSteps }
        if stepSizeRate == 0 { stepSizeRate = 3 * stepSize }
        try require(width % headCount == 0, "multiheaded_attention_heads", headCount, allowed: "a divisor of embedding_dim \(width)")
        try require(
            (width / headCount) % 2 == 0, "multiheaded_attention_heads", headCount,
            allowed: "such that embedding_dim / heads is even (rotary embedding turns pairs)")
        try require(
            !truncatesDescent || lossSteps == .last, "truncate_mcmc", truncatesDescent, allowed: "true only with loss_steps \"last\"")
        try require(normEpsilon > 0 && normEpsilon < 1, "norm_eps", normEpsilon, allowed: "above 0, below 1")
        try require(stepSize >= 1e-4 && stepSize <= 1e6, "mcmc_step_size", stepSize, allowed: "0.0001 to 1000000")
        try require(
            stepSizeRate > 0 && stepSizeRate <= 1e7, "mcmc_step_size_lr_multiplier", stepSizeRate, allowed: "above 0, at most 10000000")
        try require(stepSizeRange >= 1 && stepSizeRange <= 100, "randomize_mcmc_step_size_scale", stepSizeRange, allowed: "1 to 100")
        try require(langevinNoise >= 0 && langevinNoise <= 100, "langevin_dynamics_noise", langevinNoise, allowed: "0 to 100")
        try require(startNoise >= 0 && startNoise <= 100, "gaussian_random_noise_scaling", startNoise, allowed: "0 to 100")
    }

    /// Four to twelve blocks of heads of 32 to 64 channels.
    static func sized(width: Int, for budget: Budget) -> EnergyConfiguration {
        var configuration = EnergyConfiguration()
        configuration.vocabularySize = budget.alphabet
        configuration.width = width
        configuration.hiddenWidth = width
        // The slope in a probability shrinks as symbols become more.
        configuration.stepSize = Setting.stepSize * Double(budget.alphabet) / 256
        configuration.layerCount = budget.parameters < 3_000_000 ? 4 : budget.parameters < 30_000_000 ? 8 : 12
        configuration.headCount = width % 64 == 0 && width >= 256 ? width / 64 : width % 32 == 0 ? width / 32 : max(1, width / 8)
        return configuration
    }

    static var adjustable: WritableKeyPath<EnergyConfiguration, Int>? { \.hiddenWidth }

    /// For self-tests.
    static var small: EnergyConfiguration {
        var configuration = EnergyConfiguration()
        configuration.vocabularySize = 11
        configuration.width = 8
        configuration.layerCount = 2
        configuration.headCount = 2
        configuration.stepSize = 2
        configuration.startSeed = 5
        return configuration
    }
}
