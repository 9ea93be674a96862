/// What a trained model wrote after a prompt, for people to look at.
public struct GeneratedSample: Codable, Sendable, Equatable {
    public var prompt: String
    /// Without the prompt. Bytes that are not UTF-8 are shown as U+FFFD.
    public var text: String

    public init(prompt: String, text: String) {
        self.prompt = prompt
        self.text = text
    }
}
