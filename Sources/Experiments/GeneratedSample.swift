/// What a trained model wrote after a prompt, for people to look at.
public struct GeneratedSample: Codable, Sendable, Equatable {
    /// First bytes of the test split, 64 at most, shown as `text` is.
    public var prompt: String
    /// Without the prompt. Bytes that are not UTF-8 are shown as U+FFFD.
    public var text: String

    /// Both are text already: bytes that are not UTF-8 were replaced before.
    public init(prompt: String, text: String) {
        self.prompt = prompt
        self.text = text
    }
}
