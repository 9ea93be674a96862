extension ModelSummary {
    /// Mean over the finished runs of a figure that each of them has; nil when none has it.
    public func mean(_ figure: (ResultRow) -> Double?) -> Double? {
        let values = finished.compactMap(figure)
        return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }

    /// Operations of the training of a run (`ResultRow.operationsPerToken`), mean over the finished runs.
    public func operations(context: Int) -> Double? { mean { $0.operations(context: context) } }

    /// New tokens a second after `context` tokens, mean over the finished runs.
    public func decodeTokensPerSecond(at context: Int) -> Double? {
        mean { row in row.decode.first { $0.context == context }?.tokensPerSecond }
    }

    /// Measured bytes of state after `context` tokens: the same for every seed, and the largest if it is not.
    public func stateBytes(at context: Int) -> Int? {
        finished.compactMap { row in row.decode.first { $0.context == context }?.stateBytes }.max()
    }

    /// Largest peak of the process that decoded after `context` tokens.
    public func decodePeakMemoryBytes(at context: Int) -> Int? {
        finished.compactMap { row in row.decode.first { $0.context == context }?.peakMemoryBytes }.max()
    }

    /// Why the decoding figure at `context` is missing; nil when it is there or nothing is known.
    public func decodeReason(at context: Int) -> String? {
        let figures = finished.compactMap { row in row.decode.first { $0.context == context } }
        return figures.first { $0.tokensPerSecond == nil && !$0.reason.isEmpty }?.reason
    }

    /// `ok`, or what went wrong and how often: `crashed`, `2 ok, 1 diverged`.
    public var statusText: String {
        let counts = RunStatus.allCases.map { status in (status, rows.filter { $0.status == status }.count) }
        let present = counts.filter { $0.1 > 0 }
        if present.count == 1 { return present[0].0.rawValue }
        return present.map { "\($0.1) \($0.0.rawValue)" }.joined(separator: ", ")
    }
}

extension ComparisonResults {
    /// Contexts at which decoding was measured, ascending.
    public var decodeContexts: [Int] { Set(rows.flatMap { $0.decode.map(\.context) }).sorted() }
}
