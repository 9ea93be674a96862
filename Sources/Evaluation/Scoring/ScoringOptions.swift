import PluginHost
public import SequenceModel

/// How a text is scored.
public struct ScoringOptions: Sendable {
    /// T, predicted bytes in a window.
    public var context: Int
    /// Windows in one call.
    public var batch: Int
    /// Network evaluations for each row of a bound; 0: the model's own choice.
    public var samples: Int
    /// Passes over the text for a bound, each with keys of its own; at least 2 give a standard error.
    public var replicates: Int
    /// The estimate of a bound follows from it; each pass and each call gets a key of its own, split from this one.
    public var key: RandomKey

    /// Ranges are checked when a text is scored: T and batch from 1, samples from 0, replicates from 1.
    public init(
        context: Int = 256, batch: Int = 16, samples: Int = 0, replicates: Int = 2, key: RandomKey = RandomKey(seed: 0)
    ) {
        self.context = context
        self.batch = batch
        self.samples = samples
        self.replicates = replicates
        self.key = key
    }

    /// Throws `ZooError` `.usage` for what is out of range.
    func validate() throws {
        func check(_ name: String, _ value: Int, atLeast minimum: Int) throws {
            guard value >= minimum else {
                throw ZooError(.usage, "\(name) is \(value); it must be at least \(minimum)")
            }
        }
        try check("context", context, atLeast: 1)
        try check("batch", batch, atLeast: 1)
        try check("samples", samples, atLeast: 0)
        try check("replicates", replicates, atLeast: 1)
    }
}
