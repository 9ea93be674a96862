/// How far a run is, as its log says.
public struct JobProgress: Sendable, Equatable {
    /// `loading`, `training`, `scoring`, `decoding at 4k`, …
    public var phase = "starting"
    /// Last logged step, counted from 1; 0 before the first.
    public var step = 0
    /// nil when time is the budget.
    public var steps: Int?
    /// Bits per byte of the last logged step.
    public var bitsPerByte: Double?
    /// Training speed of that step.
    public var tokensPerSecond: Double?
    /// Seconds until training ends, from the rate so far; nil while nothing is known.
    public var secondsLeft: Double?

    /// Of a run that has said nothing yet: phase `starting`.
    public init() {}
}
