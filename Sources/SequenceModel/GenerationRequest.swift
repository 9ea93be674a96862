/// What `SequenceModel.generate` is asked for.
public struct GenerationRequest: Sendable {
    /// Mask symbols stand for positions to fill in.
    public var prompt: [Int32]
    /// Positions to add after the prompt.
    public var newTokens: Int
    /// 0: the most likely symbol.
    public var temperature: Double
    /// Network evaluations to spend; 0: the model's choice.
    public var steps: Int
    /// nil: the model's first.
    public var sampler: String?
    /// Decides every random choice.
    public var key: RandomKey

    /// See the properties.
    public init(
        prompt: [Int32], newTokens: Int, temperature: Double = 1, steps: Int = 0, sampler: String? = nil,
        key: RandomKey
    ) {
        self.prompt = prompt
        self.newTokens = newTokens
        self.temperature = temperature
        self.steps = steps
        self.sampler = sampler
        self.key = key
    }
}
