/// The runs of one model at one configuration, over its seeds.
public struct ModelSummary: Sendable, Equatable {
    /// Model id.
    public var model: String
    /// Of the first row.
    public var likelihood: LikelihoodKind
    /// Every run of the model at this configuration, failed ones too, in the order of the results.
    public var rows: [ResultRow]
    /// Mean over the seeds that ended well.
    public var bitsPerByte: Double?
    /// Half the width of the 95 % confidence interval: of Student's t over seeds, or, with one seed of a bound, 1.96
    /// standard errors of its estimate. Nil when nothing is known of the spread (one seed, exact).
    public var halfWidth: Double?
    /// First and last rank that the intervals allow among the models with the same kind of likelihood; nil when there is no
    /// interval to tell by.
    public var ranks: ClosedRange<Int>?

    /// Rows that ended well.
    public var finished: [ResultRow] { rows.filter { $0.status == .ok } }

    /// One summary for each model and configuration: exact likelihoods first, then bounds, then none; the lowest bits per
    /// byte first, failures last.
    public static func summarise(_ rows: [ResultRow]) -> [ModelSummary] {
        var groups: [[ResultRow]] = []
        // Of tasks there is `TaskSummary`.
        for row in rows where row.task == nil {
            let index = groups.firstIndex { $0[0].model == row.model && $0[0].config == row.config }
            if let index { groups[index].append(row) } else { groups.append([row]) }
        }
        let summaries = groups.map(ModelSummary.init(rows:))
        return LikelihoodKind.allCases.flatMap { kind in
            ranked(summaries.filter { $0.likelihood == kind }).sorted {
                ($0.bitsPerByte ?? .infinity, $0.model) < ($1.bitsPerByte ?? .infinity, $1.model)
            }
        }
    }

    private init(rows: [ResultRow]) {
        model = rows[0].model
        likelihood = rows[0].likelihood
        self.rows = rows
        let finished = rows.filter { $0.status == .ok }
        let values = finished.compactMap(\.bitsPerByte)
        guard !values.isEmpty else { return }
        let mean = values.reduce(0, +) / Double(values.count)
        bitsPerByte = mean
        if values.count > 1 {
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
            halfWidth =
                StudentT.quantile975(degreesOfFreedom: values.count - 1)
                * (variance / Double(values.count)).squareRoot()
        } else if let error = finished[0].bitsPerByteStandardError {
            halfWidth = 1.96 * error
        }
    }

    /// With one seed each, an interval of a bound says nothing about training again: ranks need two seeds.
    private static func ranked(_ summaries: [ModelSummary]) -> [ModelSummary] {
        func interval(_ summary: ModelSummary) -> ClosedRange<Double>? {
            guard summary.finished.count > 1, let mean = summary.bitsPerByte, let half = summary.halfWidth else {
                return nil
            }
            return mean - half ... mean + half
        }
        let intervals = summaries.map(interval)
        let known = intervals.compactMap(\.self)
        return zip(summaries, intervals).map { summary, interval in
            guard let interval, known.count > 1 else { return summary }
            var result = summary
            let better = known.filter { $0.upperBound < interval.lowerBound }.count
            let worse = known.filter { $0.lowerBound > interval.upperBound }.count
            result.ranks = better + 1 ... known.count - worse
            return result
        }
    }
}
