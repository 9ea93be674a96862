import PluginKit

/// A way to train an energy-based transformer: an id of its own, and the defaults of the one configuration.
protocol EnergySetting {
    static var card: ModelCard { get }
    /// Default of `mcmc_num_steps`.
    static var stepCount: Int { get }
    /// Default of `randomize_mcmc_num_steps`.
    static var furtherSteps: Int { get }
    /// Default of `mcmc_step_size`: α for 256 symbols.
    static var stepSize: Double { get }
    /// Default of `mcmc_step_size_learnable`.
    static var learnsStepSize: Bool { get }
    /// Default of `loss_steps`.
    static var lossSteps: LossSteps { get }
    /// Default of `randomize_mcmc_step_size_scale`.
    static var stepSizeRange: Double { get }
    /// Default of `langevin_dynamics_noise`.
    static var langevinNoise: Double { get }
}
