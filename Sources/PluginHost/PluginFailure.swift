/// A file or folder on the search path that brought no model, and why.
public struct PluginFailure: Sendable {
    /// As the search found it, or resolved where the file could be loaded.
    public let path: String
    /// Why; its message names the file.
    public let error: ZooError
}
