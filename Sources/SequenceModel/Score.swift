/// Nats of each target of a batch.
public struct Score: Sendable {
    /// [B, T]; 0 where there was no target.
    public var nats: [Float]
    /// Network evaluations behind each row; 1 when exact.
    public var samples: Int
    /// How a bound was estimated; empty when exact.
    public var estimator: String

    /// See the properties.
    public init(nats: [Float], samples: Int = 1, estimator: String = "") {
        self.nats = nats
        self.samples = samples
        self.estimator = estimator
    }
}
