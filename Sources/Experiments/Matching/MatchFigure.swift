/// How near a model's size came to what is matched.
public struct MatchFigure: Codable, Sendable, Equatable {
    /// Amount of the quantity that the model has, as measured when it was sized.
    public var value: Double
    /// Part of the target by which it differs: 0.02 is two per cent more.
    public var deviation: Double
    /// Number of parameters for which the plugin proposed this configuration.
    public var proposedFor: Int

    /// Takes the values as they are.
    public init(value: Double, deviation: Double, proposedFor: Int) {
        self.value = value
        self.deviation = deviation
        self.proposedFor = proposedFor
    }

    enum CodingKeys: String, CodingKey {
        case value, deviation
        case proposedFor = "proposed_for"
    }
}
