/// What a configured model works on.
public struct ModelShape: Sendable, Equatable {
    /// V, the width of the logits.
    public var vocabulary: Int
    /// Symbols 0 ..< alphabet may occur in data; probabilities sum to 1 over them.
    public var alphabet: Int
    /// The symbol that stands for "unknown", which data never holds; nil: there is none.
    public var maskSymbol: Int?
    /// Longest row that a call may have; nil without limit.
    public var maximumTokens: Int?

    /// See the properties.
    public init(vocabulary: Int, alphabet: Int, maskSymbol: Int? = nil, maximumTokens: Int? = nil) {
        self.vocabulary = vocabulary
        self.alphabet = alphabet
        self.maskSymbol = maskSymbol
        self.maximumTokens = maximumTokens
    }
}
