public import SequenceModel

/// What `continueText` is asked for.
public struct ContinuationOptions: Sendable {
    /// Symbols to add.
    public var newTokens: Int
    public var sampling: Sampling
    public var key: RandomKey
    /// Symbols in one `append` while the prompt is read.
    public var prefillChunk: Int

    public init(newTokens: Int, sampling: Sampling, key: RandomKey, prefillChunk: Int = 512) {
        self.newTokens = newTokens
        self.sampling = sampling
        self.key = key
        self.prefillChunk = max(prefillChunk, 1)
    }
}
