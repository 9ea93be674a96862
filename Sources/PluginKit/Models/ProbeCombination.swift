/// How the values of a probe for several batches become one.
public enum ProbeCombination: String, Sendable {
    /// Weighted by the tokens of the batches.
    case mean
    case minimum
    case maximum
    case sum
}
