/// What every model of a comparison was given.
public struct ComparisonBudget: Codable, Sendable, Equatable {
    /// Parameters to be met within 5 %; with a `match`, where its search began.
    public var parameters: Int
    /// What the models are sized to in place of `parameters`; nil: parameters.
    public var match: MatchTarget?
    /// T, tokens in a training window.
    public var context: Int
    /// B, windows in a training step.
    public var batch: Int
    /// Steps of each run; nil when time is the budget.
    public var steps: Int?
    /// Training tokens of each run; nil when time is the budget.
    public var tokens: Int?
    /// Minutes of training of each run; nil when steps are the budget.
    public var minutes: Double?
    /// In the order that the user gave: one run of every model for each.
    public var seeds: [UInt64]

    /// Give `steps` or `minutes`, not both; `tokens` follows from the steps, B and T.
    public init(
        parameters: Int, context: Int, batch: Int, steps: Int? = nil, minutes: Double? = nil, seeds: [UInt64]
    ) {
        self.parameters = parameters
        self.context = context
        self.batch = batch
        self.steps = steps
        self.tokens = steps.map { $0 * batch * context }
        self.minutes = minutes
        self.seeds = seeds
    }

    /// All keys are always there; what is not known is `null`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(parameters, forKey: .parameters)
        // Absent, so that plans from before there was matching stay what they were.
        try container.encodeIfPresent(match, forKey: .match)
        try container.encode(context, forKey: .context)
        try container.encode(batch, forKey: .batch)
        try container.encode(steps, forKey: .steps)
        try container.encode(tokens, forKey: .tokens)
        try container.encode(minutes, forKey: .minutes)
        try container.encode(seeds, forKey: .seeds)
    }
}
