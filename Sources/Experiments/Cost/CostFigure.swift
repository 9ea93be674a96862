/// What one process measured at one context.
public struct CostFigure: Codable, Sendable, Equatable {
    /// Training or decoding.
    public var kind: CostRequest.Kind
    /// T
    public var context: Int
    /// For a token of a training step, or for a new token; nil with a `reason`.
    public var secondsPerToken: Double?
    /// For a token of the context that was read; nil in training, and for models that do not read ahead.
    public var readingSecondsPerToken: Double?
    /// Of the saved session; nil in training and without sessions.
    public var stateBytes: Int?
    /// Of a process that did nothing else.
    public var peakMemoryBytes: Int?
    /// Of a training step, for a token: 6 N and attention as far as the configuration tells; nil in decoding.
    public var operationsPerToken: Double?
    /// Steps or new tokens behind the figure.
    public var measured: Int
    /// How new tokens were made: `session`, `recomputing`, `generation`, `none`; empty in training.
    public var method: String
    /// Why a figure is missing or how it came about; empty when nothing is to be said.
    public var reason: String

    /// A figure without measurements.
    public init(kind: CostRequest.Kind, context: Int, reason: String = "") {
        self.kind = kind
        self.context = context
        self.measured = 0
        self.method = ""
        self.reason = reason
    }

    enum CodingKeys: String, CodingKey {
        case kind, context
        case secondsPerToken = "seconds_per_token"
        case readingSecondsPerToken = "reading_seconds_per_token"
        case stateBytes = "state_bytes"
        case peakMemoryBytes = "peak_memory_bytes"
        case operationsPerToken = "operations_per_token"
        case measured, method, reason
    }

    /// All keys are always there; what is not known is `null`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(kind, forKey: .kind)
        try container.encode(context, forKey: .context)
        try container.encode(secondsPerToken, forKey: .secondsPerToken)
        try container.encode(readingSecondsPerToken, forKey: .readingSecondsPerToken)
        try container.encode(stateBytes, forKey: .stateBytes)
        try container.encode(peakMemoryBytes, forKey: .peakMemoryBytes)
        try container.encode(operationsPerToken, forKey: .operationsPerToken)
        try container.encode(measured, forKey: .measured)
        try container.encode(method, forKey: .method)
        try container.encode(reason, forKey: .reason)
    }
}
