/// How a run ended.
public struct TrainingOutcome: Sendable, Equatable {
    /// Why a run returned. Failures that are not about the numbers are thrown. Raw values stand in `status.json`.
    public enum Status: String, Sendable {
        case ok
        case diverged
        case interrupted
    }

    /// `ok` only when the budget is spent and every number was finite.
    public var status: Status
    /// What diverged; empty otherwise.
    public var detail: String
    /// Steps done in all, also by processes before this one.
    public var steps: Int
    /// Targets learned from in all.
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
