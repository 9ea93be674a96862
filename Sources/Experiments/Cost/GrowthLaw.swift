import Foundation

/// How a cost grows with context: constant, factor · T^p, or constant + factor · T^p.
///
/// The third form is what most models follow: a part that every token costs, weights to be read for example, hides for short contexts what
/// grows. A line through all of the logarithms would then give an exponent that holds nowhere.
public struct GrowthLaw: Codable, Sendable, Equatable {
    /// Which of the forms was taken.
    public enum Shape: String, Codable, Sendable {
        /// No context costs more than a tenth more than another.
        case constant
        /// A straight line on logarithmic axes.
        case power
        /// A constant part and one that grows; taken where it leaves less than a quarter of the squared residuals of a line.
        case offset
    }

    /// The form that was taken.
    public var shape: Shape
    /// The part that does not grow; 0 for a power alone.
    public var constant: Double
    /// Of T^p; 0 for a constant.
    public var factor: Double
    /// p, with the 95 % interval of the fit; its ends are 0 for a constant.
    public var exponent: Interval
    /// Shortest and longest context that were measured.
    public var contexts: [Int]

    /// An exponent whose interval is wider than this is not carried beyond the contexts that were measured.
    static let widestExponent = 0.5

    /// nil for fewer than three contexts, or values that are not over 0.
    ///
    /// - Parameter points: a value for each context, contexts rising.
    public init?(_ points: [(context: Int, value: Double)]) {
        guard points.count >= 3, points.allSatisfy({ $0.context > 0 && $0.value > 0 && $0.value.isFinite }),
            let first = points.first, let last = points.last,
            let low = points.map(\.value).min(), let high = points.map(\.value).max()
        else { return nil }
        contexts = [first.context, last.context]
        if high / low <= 1.1 {
            shape = .constant
            // Of equal values the value itself: a mean of logarithms would round it.
            constant = high == low ? high : exp(points.reduce(0) { $0 + log($1.value) } / Double(points.count))
            factor = 0
            exponent = Interval(estimate: 0, low: 0, high: 0)
            return
        }
        let logs = points.map { log(Double($0.context)) }
        guard let line = LeastSquares(logs.map { [1, $0] }, points.map { log($0.value) }) else { return nil }
        shape = .power
        constant = 0
        factor = exp(line.solution[0])
        let half = line.halfWidth(1) ?? .infinity
        exponent = Interval(estimate: line.solution[1], low: line.solution[1] - half, high: line.solution[1] + half)
        let remaining = (line.variance ?? 0) * Double(line.degreesOfFreedom)
        guard points.count >= 4, let curve = GrowthLaw.offset(points), curve.residual < remaining / 4, remaining > 1e-6 else { return }
        shape = .offset
        (constant, factor, exponent) = (curve.constant, curve.factor, curve.exponent)
    }

    private struct Curve {
        var constant: Double
        var factor: Double
        var exponent: Interval
        var residual: Double
    }

    /// Constant + factor · T^p: for each p the other two by least squares of the relative errors, and the p that leaves least. The interval of p is of those
    /// whose residuals are not told apart from the least ones (a profile of the likelihood, with Student's t).
    private static func offset(_ points: [(context: Int, value: Double)]) -> Curve? {
        let grid = stride(from: 0.1, through: 3.0, by: 0.01)
        let curves = grid.compactMap { p -> Curve? in
            let rows = points.map { [1 / $0.value, pow(Double($0.context), p) / $0.value] }
            guard let fit = LeastSquares(rows, points.map { _ in 1 }), fit.solution[0] > 0, fit.solution[1] > 0 else { return nil }
            return Curve(
                constant: fit.solution[0], factor: fit.solution[1], exponent: Interval(estimate: p, low: p, high: p),
                residual: (fit.variance ?? 0) * Double(fit.degreesOfFreedom))
        }
        guard var best = curves.min(by: { $0.residual < $1.residual }) else { return nil }
        let freedom = points.count - 3
        let t = StudentT.quantile975(degreesOfFreedom: freedom)
        // Figures in whole bytes lie off an exact line by less than one part in 10⁴ each.
        let limit = (best.residual + 1e-8) * (1 + t * t / Double(freedom))
        let allowed = curves.filter { $0.residual <= limit }.map(\.exponent.estimate)
        best.exponent.low = (allowed.min() ?? best.exponent.estimate) - 0.005
        best.exponent.high = (allowed.max() ?? best.exponent.estimate) + 0.005
        return best
    }

    /// The law at a context.
    public func value(at context: Double) -> Double { constant + (factor > 0 ? factor * pow(context, exponent.estimate) : 0) }

    /// ∫ of the law from 0 to `context`: what all tokens up to there cost together.
    public func total(to context: Double) -> Double {
        let growing = factor > 0 && exponent.estimate > -1 ? factor * pow(context, exponent.estimate + 1) / (exponent.estimate + 1) : 0
        return constant * context + growing
    }

    /// Whether the law says something beyond the contexts that were measured.
    public var carriesOn: Bool { exponent.width <= GrowthLaw.widestExponent }

    /// The context at which what grows is as much as what does not; nil for the other forms.
    public var knee: Double? {
        guard shape == .offset, factor > 0 else { return nil }
        let context = pow(constant / factor, 1 / exponent.estimate)
        return context.isFinite ? context : nil
    }

    /// `constant`, `T^1.02 [0.98, 1.06]`, `a constant part, and from about 2.1k on T^1.00 [0.90, 1.10]`
    public var text: String {
        let power = exponent.width.isFinite ? "T^\(ScalingText.interval(exponent, places: 2))" : "T^\(String(format: "%.2f", exponent.estimate))"
        switch shape {
        case .constant: return "constant"
        case .power: return power
        case .offset: return "a constant part, and from about \(CostText.context(knee ?? 0)) on \(power)"
        }
    }
}
