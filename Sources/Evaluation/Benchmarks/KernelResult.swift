/// How close a kernel came to what the machine can do.
public struct KernelResult: Sendable, Equatable {
    /// "attention forward": what `filter` of `KernelBenchmark.run` looks into.
    public var name: String
    /// For people: "4096 × 512 × 1368".
    public var shape: String
    /// Median of the repeats.
    public var seconds: Double
    /// What the roof model says limits it.
    public var limit: Limit
    /// Operations, bytes or exponentials a second, as `limit` says.
    public var rate: Double
    /// Least possible time over measured time. Data that stays in a cache can be faster than memory: above 1.
    public var share: Double

    /// Raw values stand in the JSON.
    public enum Limit: String, Sendable {
        case matrix
        case memory
        case exponential
    }
}
