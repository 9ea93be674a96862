public import SequenceModel

/// A model that can be made, and the plugin that brings it.
public struct CatalogueEntry {
    public let factory: any ModelFactory
    public let plugin: Plugin

    public var description: ModelDescription { factory.description }
}
