/// The figures of one value of a key of one model, over its seeds.
public struct VariantSummary: Sendable, Equatable {
    /// Model id.
    public var model: String
    /// The key that was varied.
    public var key: String
    /// One figure for each value, in the order measured: means over the seeds that have them.
    public var points: [Point]

    /// One value.
    public struct Point: Sendable, Equatable {
        /// As people write it.
        public var value: String
        /// What the model was trained with.
        public var isTrained: Bool
        /// Figures of the seeds that ended well.
        public var figures: [VariantFigure]

        /// Mean over the seeds that have the figure; nil when none has.
        public func mean(_ figure: (VariantFigure) -> Double?) -> Double? {
            let values = figures.compactMap(figure)
            return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
        }

        /// Half the width of the 95 % confidence interval over seeds of bits per byte; with one seed 1.96 standard errors of a bound's
        /// estimate; nil where nothing is known of the spread.
        public var halfWidth: Double? {
            let values = figures.compactMap(\.bitsPerByte)
            guard values.count > 1 else { return figures.first?.bitsPerByteStandardError.map { 1.96 * $0 } }
            let mean = values.reduce(0, +) / Double(values.count)
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
            return StudentT.quantile975(degreesOfFreedom: values.count - 1) * (variance / Double(values.count)).squareRoot()
        }

        /// Why figures are missing, each reason once.
        public var reasons: [String] {
            figures.map(\.reason).reduce(into: []) { if !$1.isEmpty, !$0.contains($1) { $0.append($1) } }
        }
    }

    /// One summary for each model and key, in the order of the results.
    public static func summarise(_ rows: [ResultRow]) -> [VariantSummary] {
        var result: [VariantSummary] = []
        for row in rows {
            for figure in row.variants {
                let index =
                    result.firstIndex { $0.model == row.model && $0.key == figure.key }
                    ?? {
                        result.append(VariantSummary(model: row.model, key: figure.key, points: []))
                        return result.count - 1
                    }()
                if let point = result[index].points.firstIndex(where: { $0.value == figure.valueText }) {
                    result[index].points[point].figures.append(figure)
                } else {
                    result[index].points.append(
                        Point(value: figure.valueText, isTrained: figure.isTrained, figures: [figure]))
                }
            }
        }
        return result.map(\.sorted)
    }

    /// Numbers ascending, where all values are numbers: what was trained with may stand anywhere.
    private var sorted: VariantSummary {
        let numbers = points.map { Double($0.value) }
        guard numbers.allSatisfy({ $0 != nil }) else { return self }
        var result = self
        result.points = points.sorted { (Double($0.value) ?? 0) < (Double($1.value) ?? 0) }
        return result
    }
}
