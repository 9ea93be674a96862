/// What a few training steps of a run showed of its cost.
public struct RunProbe: Codable, Sendable, Equatable {
    /// Median of the steps after the first.
    public var secondsPerStep: Double
    /// 6 for each parameter and token, and those of attention, as `TrainBenchmark` counts them.
    public var operationsPerStep: Double
    /// Of the process, after the steps and some scoring; nil where the kernel does not say.
    public var peakMemoryBytes: Int?
    /// Seconds that scoring takes for each byte of text; nil for a model without a likelihood.
    public var scoreSecondsPerByte: Double?

    enum CodingKeys: String, CodingKey {
        case secondsPerStep = "seconds_per_step"
        case operationsPerStep = "operations_per_step"
        case peakMemoryBytes = "peak_memory_bytes"
        case scoreSecondsPerByte = "score_seconds_per_byte"
    }
}
