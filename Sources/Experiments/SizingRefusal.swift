/// What a model answers when it has no configuration of the size that was asked for, or does not accept the settings.
public struct SizingRefusal: Error, Codable, Sendable, Equatable {
    /// The function of the contract that said so.
    public enum Stage: String, Codable, Sendable {
        case propose, resolve, create
        /// What a `SizeProbe` asks for, after the model was made.
        case measure
    }

    /// A proposal is made without the user's settings; the other two see them.
    public var stage: Stage
    /// True when the plugin says that it is itself at fault.
    public var isFault: Bool
    /// The plugin's own words.
    public var message: String

    /// `isFault` is true where the plugin's error was `.internal`.
    public init(stage: Stage, isFault: Bool, message: String) {
        self.stage = stage
        self.isFault = isFault
        self.message = message
    }
}
