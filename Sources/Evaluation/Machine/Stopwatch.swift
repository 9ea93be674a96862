/// Seconds since it was made, on a clock that never goes back.
public struct Stopwatch: Sendable {
    private let start = ContinuousClock.now

    /// Starts it.
    public init() {}

    /// Wall time so far; it goes on running.
    public var seconds: Double {
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }
}
