public import SequenceModel

/// What the bits per byte of a row are; kinds are never ranked against each other.
public enum LikelihoodKind: String, Codable, Sendable, CaseIterable {
    case exact
    case upperBound = "upper-bound"
    case none

    /// The same three kinds under the names of `results.json`.
    public init(_ likelihood: Likelihood) {
        switch likelihood {
        case .exact: self = .exact
        case .upperBound: self = .upperBound
        case .none: self = .none
        }
    }

    /// For headings.
    public var title: String {
        switch self {
        case .exact: "Exact likelihood"
        case .upperBound: "Upper bound on bits per byte"
        case .none: "No likelihood"
        }
    }
}
