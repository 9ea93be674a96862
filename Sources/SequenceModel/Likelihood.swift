/// What the numbers of a score are. Kinds are never ranked against each other. Raw values are those of the C ABI.
public enum Likelihood: UInt32, Sendable, Equatable {
    /// No likelihood: scores say nothing about probabilities.
    case none = 0
    /// Nats of an exact, normalised likelihood.
    case exact = 1
    /// An unbiased estimate of an upper bound on the nats.
    case upperBound = 2

    /// As written in `results.json`.
    public var label: String {
        switch self {
        case .none: "none"
        case .exact: "exact"
        case .upperBound: "upper-bound"
        }
    }
}
