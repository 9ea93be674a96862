/// What changed from one comparison to another: first the circumstances, then the models, then every figure of those that both have.
public struct ResultsDifference: Codable, Sendable, Equatable {
    /// A circumstance that differs: `budget.steps`, `data.sha256`, `machine.processor`, `plugin of mamba`.
    public struct Circumstance: Codable, Sendable, Equatable {
        /// What differs.
        public var name: String
        /// In the old comparison.
        public var old: String
        /// In the new one.
        public var new: String
    }

    /// A model that ended well in one comparison and not in the other.
    public struct EndingChange: Codable, Sendable, Equatable {
        /// Model id.
        public var model: String
        /// `ok`, `crashed`, `2 ok, 1 diverged`.
        public var old: String
        /// The same in the new comparison.
        public var new: String
        /// Whether fewer runs ended well, in proportion.
        public var isWorse: Bool

        enum CodingKeys: String, CodingKey {
            case model, old, new
            case isWorse = "is_worse"
        }
    }

    /// Differences in budget, text, machine, plugins and configurations.
    public var circumstances: [Circumstance]
    /// Models that only the new comparison has.
    public var added: [String]
    /// Models that only the old one has.
    public var removed: [String]
    /// Models of which runs end otherwise than before.
    public var endings: [EndingChange]
    /// Figures of models that both have, in the order of the new results.
    public var figures: [FigureChange]

    /// Whether anything got significantly worse: a figure after Holm's correction, or how many runs end well.
    public var isWorse: Bool {
        figures.contains { $0.isSignificant && $0.isWorse } || endings.contains(where: \.isWorse)
    }

    /// Rows of the same model belong together; where a comparison has a model in several configurations, those of the same one.
    ///
    /// - Complexity: O(models · figures)
    public init(old: ComparisonResults, new: ComparisonResults) {
        let (before, after) = (ModelSummary.summarise(old.rows), ModelSummary.summarise(new.rows))
        var pairs: [(old: ModelSummary, new: ModelSummary)] = []
        var used: Set<Int> = []
        for summary in after {
            let candidates = before.indices.filter { before[$0].model == summary.model && !used.contains($0) }
            guard let index = candidates.first(where: { before[$0].rows[0].config == summary.rows[0].config }) ?? candidates.first else {
                continue
            }
            used.insert(index)
            pairs.append((before[index], summary))
        }
        added = after.map(\.model).filter { name in !pairs.contains { $0.new.model == name } }
        removed = before.indices.filter { !used.contains($0) }.map { before[$0].model }
        let shared = Circumstances(old: old, new: new)
        circumstances = shared.general + pairs.flatMap { Circumstances.ofModel($0.old.rows[0], $0.new.rows[0]) }
        endings = pairs.compactMap { pair in
            guard pair.old.statusText != pair.new.statusText else { return nil }
            func share(_ summary: ModelSummary) -> Double { Double(summary.finished.count) / Double(summary.rows.count) }
            return EndingChange(
                model: pair.new.model, old: pair.old.statusText, new: pair.new.statusText,
                isWorse: share(pair.new) < share(pair.old))
        }
        let contexts = old.decodeContexts.filter(Set(new.decodeContexts).contains)
        figures = pairs.flatMap { ResultsDifference.figures($0.old, $0.new, contexts, shared) }
        correct()
    }

    private static func figures(
        _ old: ModelSummary, _ new: ModelSummary, _ contexts: [Int], _ shared: Circumstances
    ) -> [FigureChange] {
        func change(
            _ figure: String, lowerIsBetter: Bool, isExact: Bool = false, reservation: String = "", _ value: (ResultRow) -> Double?
        ) -> FigureChange? {
            func bySeed(_ summary: ModelSummary) -> [UInt64: Double] {
                Dictionary(summary.finished.compactMap { row in value(row).map { (row.seed, $0) } }, uniquingKeysWith: { first, _ in first })
            }
            return FigureChange(
                model: new.model, figure: figure, old: bySeed(old), new: bySeed(new), lowerIsBetter: lowerIsBetter, isExact: isExact,
                reservation: reservation)
        }
        let kind = old.likelihood == new.likelihood ? shared.quality : "\(old.likelihood.rawValue) there, \(new.likelihood.rawValue) here"
        var all = [
            change("bits_per_byte", lowerIsBetter: true, reservation: kind) { $0.bitsPerByte },
            change("parameters", lowerIsBetter: true, isExact: true, reservation: "a size, neither better nor worse") { $0.parameters.map(Double.init) },
            change("train_tokens_per_second", lowerIsBetter: false, reservation: shared.speed) { $0.trainTokensPerSecond },
            change("peak_memory_bytes", lowerIsBetter: true, reservation: shared.speed) { $0.peakMemoryBytes.map(Double.init) },
        ]
        for context in contexts {
            func figure(_ row: ResultRow) -> DecodeFigure? { row.decode.first { $0.context == context } }
            all.append(
                change("decode_tokens_per_second_\(context)", lowerIsBetter: false, reservation: shared.speed) {
                    figure($0)?.tokensPerSecond
                })
            all.append(
                change("state_bytes_\(context)", lowerIsBetter: true, isExact: true) { figure($0)?.stateBytes.map(Double.init) })
        }
        // Of what is counted, only what changed.
        return all.compactMap(\.self).filter { $0.method != .exact || $0.change != 0 }
    }

    /// Holm over everything that was tested and counts: see `PairedComparison.all`.
    private mutating func correct() {
        let tested = figures.indices.filter { figures[$0].probability != nil && figures[$0].reservation.isEmpty }
            .sorted { (figures[$0].probability ?? 1) < (figures[$1].probability ?? 1) }
        var largest = 0.0
        for (rank, index) in tested.enumerated() {
            largest = max(largest, min((figures[index].probability ?? 1) * Double(tested.count - rank), 1))
            figures[index].corrected = largest
        }
        for index in figures.indices where !figures[index].reservation.isEmpty { figures[index].corrected = nil }
    }
}
