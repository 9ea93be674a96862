public import SequenceModel

/// A model that can be made, and the plugin that brings it.
public struct CatalogueEntry {
    public let factory: any ModelFactory
    public let plugin: Plugin

    public var description: ModelDescription { factory.description }

    /// What can be looked at inside the model, and what the plugin declares but cannot be called.
    public var probes: [ModelProbe] { (factory as? PluginModelFactory)?.probes ?? [] }
}
