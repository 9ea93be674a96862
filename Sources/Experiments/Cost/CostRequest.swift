/// What one process measures: one model, one context, training or decoding.
public struct CostRequest: Codable, Sendable, Equatable {
    /// What a process measures.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// Steps on one window of the context: seconds and peak memory.
        case training
        /// A session that reads the context and writes on: seconds, state and peak memory.
        case decoding
    }

    /// Training or decoding.
    public var kind: Kind
    /// Absolute path of the plugin file.
    public var plugin: String
    /// Model id.
    public var model: String
    /// The full configuration of the model.
    public var config: ConfigurationJSON
    /// T
    public var context: Int
    /// Of the host's pool, the calling one included.
    public var threads: Int
    /// What may be spent; the process is ended a little later.
    public var seconds: Double

    /// `plugin` is an absolute path.
    public init(
        kind: Kind, plugin: String, model: String, config: ConfigurationJSON, context: Int, threads: Int, seconds: Double
    ) {
        self.kind = kind
        self.plugin = plugin
        self.model = model
        self.config = config
        self.context = context
        self.threads = threads
        self.seconds = seconds
    }
}
