import CSequenceModel
import SequenceModel

/// Compares slopes that a plugin computed with those of its loss.
struct GradientCheck {
    let instance: RawInstance
    let block: ParameterBlock
    let batch: RawBatch
    let loss: Double

    struct Direction {
        let what: String
        let vector: [(index: Int, amount: Double)]
    }

    struct Comparison {
        let analytic: Double
        let numeric: Double
        let error: Double
    }

    var isDouble: Bool { block.scalar == SM_FLOAT64 }
    var tolerance: Double { isDouble ? 1e-4 : 0.03 }

    /// A random direction through the whole tensor, and along single values: the steepest, and in float64 two of chance.
    func directions(_ gradient: [Double], _ stream: inout RandomStream) -> [Direction] {
        let scale = 1 / Double(gradient.count).squareRoot()
        var result = [
            Direction(what: "a random direction", vector: gradient.indices.map { ($0, scale * stream.normal()) })
        ]
        if !isDouble {
            // Rounding hides a slope that is not among the larger ones: along the gradient itself it is largest.
            let norm = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
            if norm > 0 { result = [Direction(what: "its own direction", vector: gradient.indices.map { ($0, gradient[$0] / norm) })] }
            // What the plugin left out lies across its own direction: every third value, each the same way and far enough to be seen.
            for part in 0 ..< 3 {
                let indices = gradient.indices.filter { $0 % 3 == part }
                guard !indices.isEmpty else { continue }
                result.append(Direction(what: "values \(part), \(part + 3), …", vector: indices.map { ($0, 1) }))
            }
            for _ in 0 ..< 2 {
                result.append(
                    Direction(what: "random signs", vector: gradient.indices.map { ($0, stream.index(below: 2) == 0 ? 1 : -1) }))
            }
        }
        if let steepest = gradient.indices.max(by: { abs(gradient[$0]) < abs(gradient[$1]) }) {
            result.append(Direction(what: "value \(steepest)", vector: [(steepest, 1)]))
        }
        for _ in 0 ..< (isDouble ? 2 : 0) {
            let index = stream.index(below: gradient.count)
            result.append(Direction(what: "value \(index)", vector: [(index, 1)]))
        }
        return result
    }

    /// The slope along a direction, both ways. Steps of several sizes are tried, and the one that fits best counts: too large a step bends,
    /// too small a one rounds.
    func compare(_ declaration: Int, gradient: [Double], direction: [(index: Int, amount: Double)]) throws -> Comparison {
        let analytic = direction.reduce(0) { $0 + gradient[$1.index] * $1.amount }
        let rounding = (isDouble ? 4e-15 : 1e-6) * max(abs(loss), 1)
        var best: Comparison?
        for step in isDouble ? [1e-4, 1e-5, 1e-6] : [3e-2, 1e-2, 1e-1, 3e-3] {
            let numeric = try slope(declaration, direction, step: step)
            // What the loss itself cannot resolve at this step is no disagreement.
            let noise = rounding / step
            let scale = max(abs(analytic), abs(numeric))
            let error = max(0, abs(analytic - numeric) - noise) / max(scale, 1e-12)
            if !error.isNaN, best.map({ error < $0.error }) ?? true {
                best = Comparison(analytic: analytic, numeric: numeric, error: error)
            }
            if let best, best.error <= tolerance { break }
        }
        return best ?? Comparison(analytic: analytic, numeric: .nan, error: .infinity)
    }

    private func slope(_ declaration: Int, _ direction: [(index: Int, amount: Double)], step: Double) throws -> Double {
        let start = direction.map { block[value: declaration, $0.index] }
        func lossAt(_ shift: Double) throws -> (loss: Double, moved: Double) {
            var moved = 0.0
            for (entry, value) in zip(direction, start) {
                block[value: declaration, entry.index] = value + shift * entry.amount
                moved = max(moved, abs(block[value: declaration, entry.index] - value))
            }
            instance.parametersChanged()
            return (try instance.loss(batch), moved)
        }
        let above = try lossAt(step)
        let below = try lossAt(-step)
        for (entry, value) in zip(direction, start) { block[value: declaration, entry.index] = value }
        instance.parametersChanged()
        return (above.loss - below.loss) / (2 * step)
    }
}
