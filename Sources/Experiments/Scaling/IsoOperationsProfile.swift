import Foundation
import SequenceModel

/// Runs that cost the same number of operations, over their sizes: a parabola in log N whose minimum is the best size at that cost (Hoffmann et al. 2022,
/// arXiv:2203.15556, section 3.2).
public struct IsoOperationsProfile: Codable, Sendable, Equatable {
    /// One configuration.
    public struct Entry: Codable, Sendable, Equatable {
        /// N, mean over its runs.
        public var parameters: Double
        /// D
        public var tokens: Int
        /// Mean over its runs.
        public var operations: Double
        /// Mean over its seeds, nats a byte.
        public var loss: Double
        /// Behind the mean.
        public var seeds: Int
    }

    /// Geometric mean over the configurations.
    public var operations: Double
    /// Largest over smallest of the configurations: 1.1 is a tenth apart.
    public var operationsRatio: Double
    /// By size.
    public var entries: [Entry]
    /// Loss = c₀ + c₁ x + c₂ x² with x = log N − log of the geometric mean of N; empty when no parabola was fitted.
    public var coefficients: [Double]
    /// Geometric mean of N over the runs.
    public var centre: Double
    /// N at the minimum; nil with `refusal`. Ends equal to the estimate when every seed has followed the parabola exactly.
    public var best: Interval?
    /// Loss at the minimum.
    public var bestLoss: Double?
    /// Why there is no minimum, or none with an interval; nil when there is.
    public var refusal: String?

    enum CodingKeys: String, CodingKey {
        case operations
        case operationsRatio = "operations_ratio"
        case entries, coefficients, centre, best
        case bestLoss = "best_loss"
        case refusal
    }

    /// Configurations of a profile differ in their operations by at most this factor.
    static let tolerance = 1.3
    private static let replicates = 1000

    /// The profiles among the runs of one model, cheapest first: groups of configurations with at least three sizes. Empty where a grid
    /// has none.
    public static func all(_ points: [ScalingPoint]) -> [IsoOperationsProfile] {
        let cells = Dictionary(grouping: points, by: \.cell).values.map { runs in
            (runs: runs, operations: runs.reduce(0) { $0 + $1.operations } / Double(runs.count))
        }.sorted { ($0.operations, $0.runs[0].size) < ($1.operations, $1.runs[0].size) }
        var groups: [[(runs: [ScalingPoint], operations: Double)]] = []
        for cell in cells {
            if let first = groups.last?.first, cell.operations <= first.operations * tolerance {
                groups[groups.count - 1].append(cell)
            } else {
                groups.append([cell])
            }
        }
        return groups.compactMap { group in
            guard Set(group.map { $0.runs[0].size }).count >= 3 else { return nil }
            return IsoOperationsProfile(group.map(\.runs))
        }
    }

    /// - Parameter cells: the runs of each configuration, three sizes at least.
    init(_ cells: [[ScalingPoint]]) {
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(values.count, 1)) }
        entries = cells.map { runs in
            Entry(
                parameters: mean(runs.map { Double($0.parameters) }), tokens: runs[0].tokens,
                operations: mean(runs.map(\.operations)), loss: mean(runs.map(\.loss)), seeds: runs.count)
        }.sorted { $0.parameters < $1.parameters }
        let costs = entries.map(\.operations)
        operations = exp(mean(costs.map { log($0) }))
        operationsRatio = (costs.max() ?? 1) / max(costs.min() ?? 1, 1)
        let runs = cells.flatMap(\.self)
        let logs = runs.map { log(Double($0.parameters)) }
        let middle = mean(logs)
        centre = exp(middle)
        coefficients = []
        let rows = logs.map { [1, $0 - middle, ($0 - middle) * ($0 - middle)] }
        guard let fit = LeastSquares(rows, runs.map(\.loss)) else {
            refusal = "the sizes lie too close together for a parabola"
            return
        }
        coefficients = fit.solution
        let range = (logs.min() ?? 0) - middle ... (logs.max() ?? 0) - middle
        guard let place = IsoOperationsProfile.minimum(fit.solution), place > range.lowerBound, place < range.upperBound else {
            let edge = entries.first.map(\.loss) ?? 0 < entries.last.map(\.loss) ?? 0 ? "smaller" : "larger"
            refusal = "the lowest loss lies at the edge: \(edge) sizes belong to this profile"
            return
        }
        bestLoss = fit.solution[0] + fit.solution[1] * place + fit.solution[2] * place * place
        guard fit.degreesOfFreedom > 0 else {
            refusal = "three runs lie on any parabola: more seeds or sizes tell how well its minimum, near \(ScalingText.count(exp(place + middle))), is known"
            return
        }
        let predicted = rows.map { row in zip(row, fit.solution).reduce(0) { $0 + $1.0 * $1.1 } }
        let scale = (Double(runs.count) / Double(fit.degreesOfFreedom)).squareRoot()
        let residuals = zip(runs, predicted).map { ($0.loss - $1) * scale }
        var stream = RandomKey(seed: 0).split("profile").stream
        let places = (0 ..< IsoOperationsProfile.replicates).map { _ -> Double? in
            let values = predicted.map { $0 + residuals[stream.index(below: residuals.count)] }
            return LeastSquares(rows, values).flatMap { IsoOperationsProfile.minimum($0.solution) }
        }
        let inside = places.compactMap(\.self).filter(range.contains)
        guard inside.count * 100 >= 95 * places.count else {
            refusal = "with other seeds the minimum, near \(ScalingText.count(exp(place + middle))), may lie beyond the edge: it is not known"
            return
        }
        best = Interval(exp(place + middle), replicates: inside.map { exp($0 + middle) })
    }

    /// Where a parabola that opens upwards is lowest.
    private static func minimum(_ coefficients: [Double]) -> Double? {
        coefficients[2] > 0 ? -coefficients[1] / (2 * coefficients[2]) : nil
    }
}
