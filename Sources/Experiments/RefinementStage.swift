/// A text on its way, of a model that does not write left to right: what was known after some of its steps.
public struct RefinementStage: Codable, Sendable, Equatable {
    /// What a part of the text is.
    public enum Kind: String, Codable, Sendable {
        /// As at the stage before.
        case kept
        /// Filled in or changed since then.
        case new
        /// Not known yet.
        case unknown
    }

    /// A run of symbols of one kind.
    public struct Part: Codable, Sendable, Equatable {
        /// What these symbols are.
        public var kind: Kind
        /// Bytes that are not UTF-8 are shown as U+FFFD, unknown symbols as U+2591, one each.
        public var text: String

        /// Takes the text as it is.
        public init(kind: Kind, text: String) {
            self.kind = kind
            self.text = text
        }
    }

    /// Steps that were done.
    public var step: Int
    /// All there are.
    public var steps: Int
    /// The whole text without the prompt.
    public var parts: [Part]

    /// Takes the parts as they are.
    public init(step: Int, steps: Int, parts: [Part]) {
        self.step = step
        self.steps = steps
        self.parts = parts
    }
}
