/// What a trained model wrote after a prompt, for people to look at.
public struct GeneratedSample: Codable, Sendable, Equatable {
    /// First bytes of the test split, 64 at most, shown as `text` is.
    public var prompt: String
    /// Without the prompt. Bytes that are not UTF-8 are shown as U+FFFD.
    public var text: String
    /// How the text came to be, for a model that does not write left to right; empty for all others.
    public var stages: [RefinementStage]

    /// All is text already: bytes that are not UTF-8 were replaced before.
    public init(prompt: String, text: String, stages: [RefinementStage] = []) {
        self.prompt = prompt
        self.text = text
        self.stages = stages
    }

    /// Results from before there were stages have none.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        prompt = try container.decode(String.self, forKey: .prompt)
        text = try container.decode(String.self, forKey: .text)
        stages = try container.decodeIfPresent([RefinementStage].self, forKey: .stages) ?? []
    }
}
