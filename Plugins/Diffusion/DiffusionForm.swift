import PluginKit

/// A form of `Diffusion`: an id of its own, and defaults of the one configuration.
protocol DiffusionForm {
    static var card: ModelCard { get }
    /// Default of `block_size`.
    static var blockSize: Int { get }
    /// How it generates; the first is used when nobody says.
    static var samplers: [DiffusionSampler.Kind] { get }
}
