/// How far a run is, as its log says.
public struct JobProgress: Sendable, Equatable {
    /// `training`, `evaluating`, `decoding at 4k`, …
    public var phase = "starting"
    public var step = 0
    /// nil when time is the budget.
    public var steps: Int?
    /// Bits per byte of the last logged step.
    public var bitsPerByte: Double?
    public var tokensPerSecond: Double?
    /// Seconds until training ends, from the rate so far; nil while nothing is known.
    public var secondsLeft: Double?

    public init() {}
}
