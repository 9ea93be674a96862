public import SequenceModel

/// What one test found out about one model.
public struct TestResult: Sendable, Equatable {
    /// Name of the test, as in `ConformanceSuite`.
    public let test: String
    /// How it ended; `crashed` is the runner's word, all others are the test's own.
    public let outcome: TestOutcome
    /// The numbers that decided it, or the reason; empty when there is nothing to say.
    public let detail: String
    /// The seed that gives the same again.
    public let seed: UInt64

    /// `detail` is one line; empty when there is nothing to say.
    public init(test: String, outcome: TestOutcome, detail: String, seed: UInt64) {
        self.test = test
        self.outcome = outcome
        self.detail = detail
        self.seed = seed
    }

    /// Keys test, outcome, detail, seed.
    public var json: JSONValue {
        .object([
            "test": .string(test), "outcome": .string(outcome.rawValue), "detail": .string(detail),
            "seed": Int64(exactly: seed).map { .integer($0) } ?? .string("\(seed)"),
        ])
    }

    /// Reads what `json` wrote; nil for anything else.
    public init?(_ value: JSONValue) {
        guard let test = value["test"]?.stringValue, let outcome = value["outcome"]?.stringValue.flatMap(TestOutcome.init),
            let detail = value["detail"]?.stringValue,
            let seed = value["seed"]?.integerValue.flatMap({ UInt64(exactly: $0) })
                ?? value["seed"]?.stringValue.flatMap({ UInt64($0) })
        else { return nil }
        self.init(test: test, outcome: outcome, detail: detail, seed: seed)
    }
}
