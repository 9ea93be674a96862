/// Decoding after `context` tokens were read, measured by the host.
public struct DecodeFigure: Codable, Sendable, Equatable {
    /// Tokens read before the first timed one.
    public var context: Int
    /// New tokens a second for one row; nil, with a `reason`, where it could not be measured.
    public var tokensPerSecond: Double?
    /// Bytes that `save` of the session returned after the context; nil for a model without sessions.
    public var stateBytes: Int?
    /// Peak resident memory of the process while it measured this; it still holds what training needed. Nil where the kernel
    /// does not start counting anew.
    public var peakMemoryBytes: Int?
    /// How the tokens were made: `session`, `recomputing`, `generation` or `none`.
    public var method: String
    /// Why a figure is missing; empty when none is.
    public var reason: String

    /// Takes the values as they are; a missing rate should come with its `reason`.
    public init(
        context: Int, tokensPerSecond: Double?, stateBytes: Int?, peakMemoryBytes: Int? = nil,
        method: String = "session", reason: String = ""
    ) {
        self.context = context
        self.tokensPerSecond = tokensPerSecond
        self.stateBytes = stateBytes
        self.peakMemoryBytes = peakMemoryBytes
        self.method = method
        self.reason = reason
    }

    enum CodingKeys: String, CodingKey {
        case context
        case tokensPerSecond = "tokens_per_second"
        case stateBytes = "state_bytes"
        case peakMemoryBytes = "peak_memory_bytes"
        case method, reason
    }

    /// Files from before there were methods and peaks have neither: `session`, nil and no reason.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        context = try container.decode(Int.self, forKey: .context)
        tokensPerSecond = try container.decode(Double?.self, forKey: .tokensPerSecond)
        stateBytes = try container.decode(Int?.self, forKey: .stateBytes)
        peakMemoryBytes = try container.decodeIfPresent(Int.self, forKey: .peakMemoryBytes)
        method = try container.decodeIfPresent(String.self, forKey: .method) ?? "session"
        reason = try container.decodeIfPresent(String.self, forKey: .reason) ?? ""
    }

    /// All keys are always there; what is not known is `null`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(context, forKey: .context)
        try container.encode(tokensPerSecond, forKey: .tokensPerSecond)
        try container.encode(stateBytes, forKey: .stateBytes)
        try container.encode(peakMemoryBytes, forKey: .peakMemoryBytes)
        try container.encode(method, forKey: .method)
        try container.encode(reason, forKey: .reason)
    }
}
