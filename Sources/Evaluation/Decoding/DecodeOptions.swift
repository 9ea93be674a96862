/// How much a decoding measurement may spend.
public struct DecodeOptions: Sendable {
    /// Seconds for one context, reading included. Checked between calls into the model, so one long call may
    /// overrun it.
    public var budgetSeconds: Double
    /// New symbols in a block.
    public var blockTokens: Int
    /// Blocks; the median rate is reported.
    public var blocks: Int
    /// Symbols in one `append` while the context is read.
    public var prefillChunk: Int
    /// Of a text that is refined: network evaluations to spend; 0: the model's choice.
    public var steps: Int
    /// Of a text that is refined; nil: the model's choice.
    public var sampler: String?

    /// Counts below 1 become 1.
    public init(
        budgetSeconds: Double = 10, blockTokens: Int = 64, blocks: Int = 5, prefillChunk: Int = 512, steps: Int = 0,
        sampler: String? = nil
    ) {
        self.budgetSeconds = budgetSeconds
        self.blockTokens = max(blockTokens, 1)
        self.blocks = max(blocks, 1)
        self.prefillChunk = max(prefillChunk, 1)
        self.steps = max(steps, 0)
        self.sampler = sampler
    }
}
