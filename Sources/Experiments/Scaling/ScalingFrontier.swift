import Foundation

/// The best size and the best number of tokens for a budget, and the loss that they reach.
public struct ScalingFrontier: Codable, Sendable, Equatable {
    /// What a budget is counted in.
    public enum Unit: String, Codable, Sendable {
        case operations, seconds
    }

    /// One budget.
    public struct Point: Codable, Sendable, Equatable {
        /// In the frontier's unit.
        public var budget: Double
        /// N*
        public var parameters: Interval
        /// D*
        public var tokens: Interval
        /// Nats a byte, for a run that were made there.
        public var loss: Interval
        /// The budget, N* or D* lies beyond what was measured.
        public var isExtrapolated: Bool

        enum CodingKeys: String, CodingKey {
            case budget, parameters, tokens, loss
            case isExtrapolated = "extrapolated"
        }
    }

    /// Of `budget`.
    public var unit: Unit
    /// What a run costs.
    public var cost: CostLaw
    /// N* ∝ budget^size
    public var sizeExponent: Interval?
    /// D* ∝ budget^tokens
    public var tokenExponent: Interval?
    /// Rising budgets.
    public var points: [Point]
    /// Why there are no points, or none beyond the last; nil when all that was asked for is there.
    public var refusal: String?

    enum CodingKeys: String, CodingKey {
        case unit, cost
        case sizeExponent = "size_exponent"
        case tokenExponent = "token_exponent"
        case points, refusal
    }

    /// How many times the largest budget that was spent is looked ahead.
    static let reach = [3.0, 10.0]

    /// From the smallest budget that was spent to ten times the largest, as far as the intervals allow.
    ///
    /// - Complexity: O(budgets · replicates)
    public init(_ fit: ScalingFit, unit: Unit, cost: CostLaw) {
        self.unit = unit
        self.cost = cost
        sizeExponent = fit.interval { $0.growth(cost: cost).size }
        tokenExponent = fit.interval { $0.growth(cost: cost).tokens }
        points = []
        let spent = fit.points.map { point -> Double in
            let parameters = ScalingFit.parameters(point, excludingEmbeddings: fit.excludesEmbeddings) ?? Double(point.parameters)
            return cost.cost(parameters: parameters, tokens: Double(point.tokens))
        }
        guard let least = spent.min(), let most = spent.max(), least > 0, most.isFinite else {
            refusal = "what the runs cost is not known"
            return
        }
        guard fit.law.parameterExponent > 0, fit.law.tokenExponent > 0 else {
            refusal = fit.objections.first ?? "the loss does not fall with both size and text"
            return
        }
        let objections = fit.objections
        let steps = 5
        var budgets = (0 ..< steps).map { least * pow(most / least, Double($0) / Double(steps - 1)) }
        if most / least < 1.01 { budgets = [most] }
        for budget in budgets + ScalingFrontier.reach.map({ $0 * most }) {
            guard let best = fit.law.optimum(budget: budget, cost: cost) else { continue }
            let isBeyond = budget > most * 1.001 || !fit.isMeasured(parameters: best.parameters, tokens: best.tokens)
            if isBeyond, let first = objections.first {
                refusal = refusal ?? "not carried beyond what was measured: \(first)"
                continue
            }
            guard let point = ScalingFrontier.point(fit, budget: budget, cost: cost, isExtrapolated: isBeyond) else {
                refusal = refusal ?? "no finite interval at \(ScalingText.operations(budget)) \(unit.rawValue)"
                continue
            }
            if isBeyond, point.loss.width > ScalingFit.widestPrediction * point.loss.estimate {
                refusal =
                    refusal
                    ?? "not carried to \(ScalingText.operations(budget)) \(unit.rawValue): the loss there would be "
                    + "\(ScalingText.interval(point.loss, places: 3)), an interval wider than \(Int(ScalingFit.widestPrediction * 100)) % of it"
                continue
            }
            points.append(point)
        }
    }

    private static func point(_ fit: ScalingFit, budget: Double, cost: CostLaw, isExtrapolated: Bool) -> Point? {
        guard let best = fit.law.optimum(budget: budget, cost: cost) else { return nil }
        // In a sample where size buys nothing all goes into text, and the other way round: a few of them lie beyond the ends of the interval.
        let optima = fit.replicates.map { law in
            law.optimum(budget: budget, cost: cost)
                ?? (law.parameterExponent > 0 ? (parameters: .infinity, tokens: 0) : (parameters: 0, tokens: .infinity))
        }
        guard
            let parameters = Interval(best.parameters, replicates: optima.map(\.parameters)),
            let tokens = Interval(best.tokens, replicates: optima.map(\.tokens)),
            let loss = fit.prediction(parameters: best.parameters, tokens: best.tokens)
        else { return nil }
        return Point(budget: budget, parameters: parameters, tokens: tokens, loss: loss, isExtrapolated: isExtrapolated)
    }
}
