public import PluginHost
public import SequenceModel

/// Who makes the model of a run, and how to know it again.
public struct ModelSource {
    public let factory: any ModelFactory
    /// The plugin's file; nil for a model of this process.
    public let pluginPath: String?
    /// SHA-256 of that file in hexadecimal; empty for a model of this process.
    public let pluginSHA256: String

    public init(factory: any ModelFactory, pluginPath: String? = nil, pluginSHA256: String = "") {
        self.factory = factory
        self.pluginPath = pluginPath
        self.pluginSHA256 = pluginSHA256
    }

    public init(_ entry: CatalogueEntry) throws {
        self.init(factory: entry.factory, pluginPath: entry.plugin.path, pluginSHA256: try entry.plugin.sha256())
    }
}
