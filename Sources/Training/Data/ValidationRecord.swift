/// What one validation found.
public struct ValidationRecord: Sendable, Equatable {
    /// Mean nats of a target (of a bound: its estimate).
    public var loss: Double
    /// Part of the answers that were right, 0 to 1; nil where nothing is answered.
    public var accuracy: Double?

    /// See the properties.
    public init(loss: Double, accuracy: Double? = nil) {
        self.loss = loss
        self.accuracy = accuracy
    }
}
