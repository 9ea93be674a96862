/// What is measured against context. Less is better in all of them.
public enum CostMetric: String, Codable, Sendable, CaseIterable {
    /// Seconds for a new token after a context.
    case decoding
    /// Seconds for a token of a context that is read.
    case reading
    /// Bytes of the saved session after a context.
    case state
    /// Peak bytes of the process while it decodes.
    case decodingMemory = "decoding_memory"
    /// Seconds for a token of training on one window of the context.
    case training
    /// Peak bytes of the process that trains so.
    case trainingMemory = "training_memory"

    /// For headings.
    public var title: String {
        switch self {
        case .decoding: "Seconds for a new token"
        case .reading: "Seconds for a token that is read"
        case .state: "Bytes of state"
        case .decodingMemory: "Peak memory while decoding"
        case .training: "Seconds for a token of training"
        case .trainingMemory: "Peak memory in training"
        }
    }

    /// `X … than Y`
    var better: String {
        switch self {
        case .decoding: "decodes faster than"
        case .reading: "reads faster than"
        case .state: "keeps less state than"
        case .decodingMemory: "needs less memory to decode than"
        case .training: "trains faster than"
        case .trainingMemory: "needs less memory to train than"
        }
    }

    /// Whether the figure is in bytes; seconds otherwise.
    public var isBytes: Bool {
        switch self {
        case .state, .decodingMemory, .trainingMemory: true
        case .decoding, .reading, .training: false
        }
    }

    /// `1.2 ms`, `3.1 GiB`
    public func text(_ value: Double) -> String {
        guard value.isFinite else { return "?" }
        if isBytes { return value < 1e15 ? SizeText.bytes(Int(value)) : ScalingText.figure(value) + " B" }
        let units: [(Double, String)] = [(1, " s"), (1e-3, " ms"), (1e-6, " µs")]
        let (size, unit) = units.first { value >= $0.0 * 0.9995 } ?? (1e-9, " ns")
        return ScalingText.figure(value / size) + unit
    }
}
