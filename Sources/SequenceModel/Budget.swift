/// What `ModelFactory.propose` is asked to meet.
public struct Budget: Sendable, Equatable {
    /// Number of parameters, to be met within 5 %.
    public var parameters: Int
    /// Symbols that the data has: 256 for bytes.
    public var alphabet: Int
    /// Tokens in a training window.
    public var context: Int

    /// See the properties.
    public init(parameters: Int, alphabet: Int = 256, context: Int) {
        self.parameters = parameters
        self.alphabet = alphabet
        self.context = context
    }
}
