/// What `AbiBenchmark` measured.
public struct AbiFigures: Sendable, Equatable {
    /// Nanoseconds of a call through the ABI that does nothing but report success; the median of several runs.
    public var nanosecondsPerCall: Double
    /// Milliseconds from a path to a plugin that is ready: inspected, loaded, asked what it holds.
    public var loadMilliseconds: Double
}
