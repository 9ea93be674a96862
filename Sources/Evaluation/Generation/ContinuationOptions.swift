public import SequenceModel

/// What `continueText` is asked for.
public struct ContinuationOptions: Sendable {
    /// Symbols to add.
    public var newTokens: Int
    /// How each symbol is drawn from the logits.
    public var sampling: Sampling
    /// Every draw follows from it: the same key writes the same text.
    public var key: RandomKey
    /// Symbols in one `append` while the prompt is read.
    public var prefillChunk: Int

    /// A chunk below 1 becomes 1; `newTokens` is checked when they are used.
    public init(newTokens: Int, sampling: Sampling, key: RandomKey, prefillChunk: Int = 512) {
        self.newTokens = newTokens
        self.sampling = sampling
        self.key = key
        self.prefillChunk = max(prefillChunk, 1)
    }
}
