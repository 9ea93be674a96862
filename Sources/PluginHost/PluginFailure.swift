/// A file or folder on the search path that brought no model, and why.
public struct PluginFailure: Sendable {
    public let path: String
    public let error: ZooError
}
