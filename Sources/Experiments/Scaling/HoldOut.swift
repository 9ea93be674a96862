import Foundation
public import PluginHost

/// The test of a fit: the most expensive configurations are left out of it and predicted.
public struct HoldOut: Codable, Sendable, Equatable {
    /// A configuration that was left out.
    public struct Entry: Codable, Sendable, Equatable {
        /// Parameters that were asked for.
        public var size: Int
        /// D
        public var tokens: Int
        /// Mean over its runs.
        public var operations: Double
        /// Seeds behind `measured`.
        public var seeds: Int
        /// Mean loss of its runs, nats a byte.
        public var measured: Double
        /// What the fit to the others says.
        public var predicted: Interval

        /// (predicted − measured) / measured
        public var error: Double { predicted.estimate / measured - 1 }
        /// Whether the interval holds what was measured.
        public var isInside: Bool { predicted.contains(measured) }

        enum CodingKeys: String, CodingKey {
            case size, tokens, operations, seeds, measured, predicted, error
            case isInside = "inside"
        }

        /// Takes the values as they are.
        public init(size: Int, tokens: Int, operations: Double, seeds: Int, measured: Double, predicted: Interval) {
            self.size = size
            self.tokens = tokens
            self.operations = operations
            self.seeds = seeds
            self.measured = measured
            self.predicted = predicted
        }

        /// `error` and `inside` follow from the other values.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.init(
                size: try container.decode(Int.self, forKey: .size), tokens: try container.decode(Int.self, forKey: .tokens),
                operations: try container.decode(Double.self, forKey: .operations),
                seeds: try container.decode(Int.self, forKey: .seeds),
                measured: try container.decode(Double.self, forKey: .measured),
                predicted: try container.decode(Interval.self, forKey: .predicted))
        }

        /// With what follows from the values, for readers of the file.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(size, forKey: .size)
            try container.encode(tokens, forKey: .tokens)
            try container.encode(operations, forKey: .operations)
            try container.encode(seeds, forKey: .seeds)
            try container.encode(measured, forKey: .measured)
            try container.encode(predicted, forKey: .predicted)
            try container.encode(error, forKey: .error)
            try container.encode(isInside, forKey: .isInside)
        }
    }

    /// Cheapest first.
    public var entries: [Entry]
    /// The lowest mean loss of a configuration that was fitted: a fit whose error is no smaller than that of guessing this has predicted
    /// nothing.
    public var bestFitted: Double
    /// Configurations that were fitted.
    public var configurations: Int

    enum CodingKeys: String, CodingKey {
        case entries
        case bestFitted = "best_fitted_loss"
        case configurations
    }

    /// A fifth of the configurations, one at least, as far as the rest still determines a law.
    ///
    /// - Throws: `ZooError` (`.data`) that says why there is no test.
    public init(_ points: [ScalingPoint], replicates: Int, excludingEmbeddings: Bool = false) throws(ZooError) {
        let groups = Dictionary(grouping: points, by: \.cell)
        func operations(_ runs: [ScalingPoint]) -> Double { runs.reduce(0) { $0 + $1.operations } / Double(runs.count) }
        func loss(_ runs: [ScalingPoint]) -> Double { runs.reduce(0) { $0 + $1.loss } / Double(runs.count) }
        let cells = groups.values.sorted { (operations($0), $0[0].cell) < (operations($1), $1[0].cell) }
        var count = max(cells.count / 5, 1)
        func rest() -> [ScalingPoint] { cells.dropLast(count).flatMap(\.self) }
        while count > 1, ScalingFit.problem(rest()) != nil { count -= 1 }
        if let problem = ScalingFit.problem(rest()) {
            throw ZooError(.data, "without the most expensive configuration, \(problem.text)", hint: problem.hint)
        }
        // In the order of the study, so that the same runs give the same bits.
        let left = Set(cells.suffix(count).map { $0[0].cell })
        let fit = try ScalingFit(
            points.filter { !left.contains($0.cell) }, replicates: replicates, excludingEmbeddings: excludingEmbeddings)
        configurations = cells.count - count
        bestFitted = cells.dropLast(count).map(loss).min() ?? 0
        entries = []
        for runs in cells.suffix(count) {
            let sizes = runs.compactMap { ScalingFit.parameters($0, excludingEmbeddings: excludingEmbeddings) }
            let mean = sizes.reduce(0, +) / Double(max(sizes.count, 1))
            guard mean > 0, let predicted = fit.prediction(parameters: mean, tokens: Double(runs[0].tokens)) else {
                throw ZooError(.data, "the fit to the others gives no finite prediction for \(runs[0].cell.text)")
            }
            entries.append(
                Entry(
                    size: runs[0].size, tokens: runs[0].tokens, operations: operations(runs), seeds: runs.count,
                    measured: loss(runs), predicted: predicted))
        }
    }
}
