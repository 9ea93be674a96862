public import SequenceModel

/// What a model is asked before a comparison begins: a configuration of this size.
public struct SizingRequest: Codable, Sendable, Equatable {
    /// Absolute path of the plugin file.
    public var plugin: String
    /// Model id.
    public var model: String
    /// To be met by the proposal.
    public var parameters: Int
    /// T, tokens of a training window.
    public var context: Int
    /// Keys of the configuration that the user set, which go over the proposal.
    public var settings: ConfigurationJSON
    /// Symbols of the data; nil: the 256 bytes.
    public var alphabet: Int?
    /// What is measured of the model besides; nil: nothing.
    public var probe: SizeProbe?

    /// `plugin` is an absolute path; `parameters` and `context` are at least 1.
    public init(plugin: String, model: String, parameters: Int, context: Int, settings: JSONObject = JSONObject(), alphabet: Int? = nil) {
        self.plugin = plugin
        self.model = model
        self.parameters = parameters
        self.context = context
        self.settings = ConfigurationJSON(.object(settings))
        self.alphabet = alphabet
    }
}
