public import PluginHost
public import SequenceModel

/// Who makes the model of a run, and how to know it again.
public struct ModelSource {
    /// Resolves the configuration and makes the model.
    public let factory: any ModelFactory
    /// The plugin's file; nil for a model of this process.
    public let pluginPath: String?
    /// SHA-256 of that file in hexadecimal; empty for a model of this process.
    public let pluginSHA256: String

    /// Without path and hash: a model of this process, such as a test's.
    public init(factory: any ModelFactory, pluginPath: String? = nil, pluginSHA256: String = "") {
        self.factory = factory
        self.pluginPath = pluginPath
        self.pluginSHA256 = pluginSHA256
    }

    /// A model of a plugin, known again by the hash of its file.
    ///
    /// - Throws: `ZooError(.plugin)` when the file can no longer be read.
    /// - Complexity: O(size of the file), once for each plugin.
    public init(_ entry: CatalogueEntry) throws {
        self.init(factory: entry.factory, pluginPath: entry.plugin.path, pluginSHA256: try entry.plugin.sha256())
    }
}
