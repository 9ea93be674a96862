/// What a probe gave back.
public struct ProbeAnswer: Sendable, Equatable {
    /// One for each result letter; whole numbers beyond 2⁵³ lose digits.
    public var results: [Double]
    /// The values of each tensor that was written, row-major. Not a number where the probe wrote nothing.
    public var written: [[Double]]
}
