/// How a test of `zoo check` ended.
public enum TestOutcome: String, Sendable, CaseIterable {
    /// The sentence is true for this plugin, as far as it was tried.
    case passed
    /// The sentence is false.
    case failed
    /// The process that tried it died, or ran out of time.
    case crashed
    /// The sentence does not apply to this plugin.
    case skipped
    /// Allowed by the contract, but it will hurt somebody.
    case warning

    /// Whether the answer to "is this plugin sound" is no.
    public var isFailure: Bool { self == .failed || self == .crashed }
}
