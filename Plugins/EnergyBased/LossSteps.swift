import PluginKit

/// Which steps of a descent are trained.
enum LossSteps: String, ConfigurationChoice {
    /// The mean of the nats after each step.
    case all
    /// The nats after the last.
    case last
}
