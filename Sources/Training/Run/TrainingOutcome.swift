/// How a run ended.
public struct TrainingOutcome: Sendable, Equatable {
    public enum Status: String, Sendable {
        case ok
        case diverged
        case interrupted
    }

    public var status: Status
    /// What diverged; empty otherwise.
    public var detail: String
    public var steps: Int
    public var tokens: Int
    /// Time spent in training steps.
    public var trainingSeconds: Double
    /// Loss of the last step; nil when there was none.
    public var loss: Double?
    /// The last measured; nil without a validation block.
    public var validationLoss: Double?
    /// Half of the steps of this process were faster.
    public var medianTokensPerSecond: Double?
}
