import Foundation

/// Which of two models costs less, and from which context on.
public struct Crossover: Codable, Sendable, Equatable {
    /// What is compared.
    public var metric: CostMetric
    /// Model that costs less from `context` on.
    public var better: String
    /// The other one.
    public var worse: String
    /// Where they cost the same, between two contexts that were measured; nil: `better` costs less at all of them.
    public var context: Double?
    /// Where `worse` takes over again; nil: up to the longest context that was measured.
    public var end: Double?
    /// Shortest and longest context that both were measured at.
    public var contexts: [Int]

    /// Costs that differ by less are equal: clocks are not better than that.
    static let margin = 0.05

    /// `from 3.1k tokens on, mamba decodes faster than transformer`
    public var sentence: String {
        let claim = "\(better) \(metric.better) \(worse)"
        guard let context else {
            let range = contexts.map { CostText.context(Double($0)) }
            return "at every context from \(range.first ?? "?") to \(range.last ?? "?") tokens, \(claim)"
        }
        if let end { return "from \(CostText.context(context)) to \(CostText.context(end)) tokens, \(claim)" }
        return "from \(CostText.context(context)) tokens on, \(claim)"
    }

    /// Where two curves of one metric cross, by contexts; one entry without a context where they never do; none where they are never told apart,
    /// share fewer than two contexts, or came about in different ways.
    ///
    /// Between contexts that were measured the curves are straight lines on logarithmic axes. Nothing is said of contexts beyond.
    public static func between(_ a: CostCurve, _ b: CostCurve) -> [Crossover] {
        guard a.metric == b.metric, a.method == b.method else { return [] }
        let common = a.points.compactMap { point in
            b.points.first { $0.context == point.context }.map { other in
                (context: point.context, gap: log(other.value / point.value))  // over 0: a costs less
            }
        }
        guard common.count >= 2, let first = common.first, let last = common.last else { return [] }
        func sign(_ gap: Double) -> Int { gap > log(1 + margin) ? 1 : gap < -log(1 + margin) ? -1 : 0 }
        let told = common.indices.filter { sign(common[$0].gap) != 0 }
        guard let start = told.first else { return [] }
        func crossover(_ side: Int, _ context: Double?) -> Crossover {
            Crossover(
                metric: a.metric, better: side > 0 ? a.model : b.model, worse: side > 0 ? b.model : a.model, context: context, end: nil,
                contexts: [first.context, last.context])
        }
        var result: [Crossover] = []
        var side = sign(common[start].gap)
        var previous = start
        for index in told.dropFirst() {
            defer { previous = index }
            let now = sign(common[index].gap)
            if now == side { continue }
            side = now
            let place = zero(Array(common[previous ... index]))
            if !result.isEmpty { result[result.count - 1].end = place }
            result.append(crossover(side, place))
        }
        return result.isEmpty ? [crossover(side, nil)] : result
    }

    /// Where the gap passes 0, between the first and the last of the points.
    private static func zero(_ points: [(context: Int, gap: Double)]) -> Double {
        for (one, next) in zip(points, points.dropFirst()) where (one.gap > 0) != (next.gap > 0) {
            let (from, to) = (log(Double(one.context)), log(Double(next.context)))
            return exp(from + (to - from) * one.gap / (one.gap - next.gap))
        }
        return Double(points.last?.context ?? 0)
    }
}
