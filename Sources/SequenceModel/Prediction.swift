/// The most likely symbols at the positions that had a target.
public struct Prediction: Sendable {
    /// [B, T]; −1 elsewhere.
    public var symbols: [Int32]
    /// [B, T], nats (≤ 0); 0 elsewhere.
    public var logProbabilities: [Float]

    /// See the properties.
    public init(symbols: [Int32], logProbabilities: [Float]) {
        self.symbols = symbols
        self.logProbabilities = logProbabilities
    }
}
