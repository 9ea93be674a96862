public import SequenceModel

/// A model that can be made, and the plugin that brings it.
public struct CatalogueEntry {
    /// One of `plugin.models`.
    public let factory: any ModelFactory
    /// It stays loaded, whatever happens to this entry.
    public let plugin: Plugin

    /// What the factory's model says of itself.
    public var description: ModelDescription { factory.description }

    /// What can be looked at inside the model, and what the plugin declares but cannot be called.
    public var probes: [ModelProbe] { (factory as? PluginModelFactory)?.probes ?? [] }
}
