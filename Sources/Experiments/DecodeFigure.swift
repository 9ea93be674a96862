/// Decoding after `context` tokens were read, measured by the host.
public struct DecodeFigure: Codable, Sendable, Equatable {
    /// Tokens read before the first timed step.
    public var context: Int
    public var tokensPerSecond: Double
    /// Bytes that `save` of the session returned after the context.
    public var stateBytes: Int

    public init(context: Int, tokensPerSecond: Double, stateBytes: Int) {
        self.context = context
        self.tokensPerSecond = tokensPerSecond
        self.stateBytes = stateBytes
    }

    enum CodingKeys: String, CodingKey {
        case context
        case tokensPerSecond = "tokens_per_second"
        case stateBytes = "state_bytes"
    }
}
