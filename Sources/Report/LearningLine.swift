import Experiments

/// The learning curves of one model's seeds as one line: their mean on common points, and the lowest and highest beside it.
struct LearningLine: Encodable, Equatable {
    let model: String
    let seeds: Int
    let tokens: [Int]
    let bits: [Double]
    /// Over the seeds; empty with one.
    let low: [Double]
    let high: [Double]
    /// Mean over the seeds; empty where a run has no times.
    let seconds: [Double]
    /// By the convention of `ResultRow.operationsPerToken`; nil without a parameter count.
    let operations: Double?
    /// The run failed where the line ends.
    let failed: Bool

    /// Points that a line keeps: more than a screen shows.
    static let maximumPoints = 64

    /// nil when the curves have no stretch in common. `rows` are of one model and configuration.
    ///
    /// - Complexity: O(points · seeds)
    init?(_ rows: [ResultRow], context: Int, failed: Bool = false) {
        let rows = rows.filter { !$0.curve.isEmpty }
        guard let longest = rows.max(by: { $0.curve.count < $1.curve.count }),
            let begin = rows.compactMap({ $0.curve.first?.tokens }).max(), let end = rows.compactMap({ $0.curve.last?.tokens }).min()
        else { return nil }
        var grid = longest.curve.map(\.tokens).filter { $0 >= begin && $0 <= end }
        if grid.last != end, begin <= end { grid.append(end) }
        guard !grid.isEmpty else { return nil }
        if grid.count > LearningLine.maximumPoints {
            let (all, count) = (grid, LearningLine.maximumPoints)
            grid = (0 ..< count).map { all[$0 * (all.count - 1) / (count - 1)] }
        }
        let values = rows.map { row in
            LearningLine.interpolate(row.curve.map { (Double($0.tokens), $0.bitsPerByte) }, at: grid)
        }
        let clocks = rows.filter { $0.curveSeconds.count == $0.curve.count }.map { row in
            LearningLine.interpolate(zip(row.curve, row.curveSeconds).map { (Double($0.tokens), $1) }, at: grid)
        }
        func across(_ lines: [[Double]], _ places: Double, _ combine: ([Double]) -> Double) -> [Double] {
            grid.indices.map { index in (combine(lines.map { $0[index] }) * places).rounded() / places }
        }
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
        model = longest.model
        seeds = rows.count
        tokens = grid
        bits = across(values, 1e5, mean)
        low = rows.count > 1 ? across(values, 1e5) { $0.min() ?? 0 } : []
        high = rows.count > 1 ? across(values, 1e5) { $0.max() ?? 0 } : []
        seconds = clocks.count == rows.count ? across(clocks, 1e3, mean) : []
        operations = longest.operationsPerToken(context: context)
        self.failed = failed
    }

    /// Values between the points lie on straight lines. `points` ascend, `grid` too and within them.
    private static func interpolate(_ points: [(x: Double, y: Double)], at grid: [Int]) -> [Double] {
        var index = 0
        return grid.map { place in
            let x = Double(place)
            while index + 1 < points.count, points[index + 1].x < x { index += 1 }
            guard index + 1 < points.count, points[index].x < x else { return points[index].y }
            let (from, to) = (points[index], points[index + 1])
            return to.x > from.x ? from.y + (to.y - from.y) * (x - from.x) / (to.x - from.x) : to.y
        }
    }
}
