import Foundation

/// Finds the size at which a model has a wanted amount of something that grows with its size.
///
/// Models come in steps: widths that fit their heads, whole layers. So the search brackets the target by numbers of parameters, halves the
/// bracket where a power law through its ends says, and keeps the nearest of all that it saw.
struct MatchSolver<Answer> {
    /// One size that was tried.
    struct Trial {
        /// Parameters that the model was asked for.
        var asked: Int
        var answer: Answer
        var value: Double
    }

    /// What came of it.
    enum Outcome {
        /// The nearest; within the tolerance, or no size lies nearer.
        case found(Trial)
        /// The target lies beyond the smallest or largest size; the nearest is this.
        case outOfReach(Trial)
        /// No size that was tried exists.
        case nothing
    }

    let target: Double
    /// Near enough to stop.
    var near = 0.02
    /// What counts as met.
    var tolerance = 0.05
    /// Sizes that are tried.
    var range = 1000 ... 1_000_000_000
    /// Trials, those that the model refuses among them.
    var limit = 40
    /// nil where the model has no configuration of that many parameters.
    let measure: (Int) throws -> (answer: Answer, value: Double)?

    /// - Throws: what `measure` throws.
    func solve(from start: Int) throws -> Outcome {
        var search = Search(solver: self)
        let start = min(max(start, range.lowerBound), range.upperBound)
        var first = try search.trial(start)
        var factor = 2.0
        while first == nil, factor < 5000, search.count < limit {
            // A model may have no small sizes, or no large ones.
            for size in [Double(start) * factor, Double(start) / factor] where first == nil && range.contains(Int(size)) {
                first = try search.trial(Int(size))
            }
            factor *= 2
        }
        guard let begin = first else { return .nothing }
        try search.bracket(from: begin)
        try search.narrow()
        guard let best = search.best else { return .nothing }
        let isMet = abs(best.value / target - 1) <= tolerance
        return isMet || search.low != nil && search.high != nil ? .found(best) : .outOfReach(best)
    }

    /// What is known so far.
    private struct Search {
        let solver: MatchSolver
        /// Largest size known to lie below the target, and smallest known to lie above.
        var low: Trial?
        var high: Trial?
        /// Beyond these the model has no configuration.
        var floor: Int
        var ceiling: Int
        var best: Trial?
        var count = 0

        init(solver: MatchSolver) {
            self.solver = solver
            floor = solver.range.lowerBound - 1
            ceiling = solver.range.upperBound + 1
        }

        var isNear: Bool { best.map { abs($0.value / solver.target - 1) <= solver.near } ?? false }
        var isDone: Bool { isNear || count >= solver.limit }

        mutating func trial(_ asked: Int) throws -> Trial? {
            count += 1
            guard let (answer, value) = try solver.measure(asked), value.isFinite, value >= 0 else { return nil }
            let trial = Trial(asked: asked, answer: answer, value: value)
            func distance(_ trial: Trial) -> Double { abs(log(max(trial.value, 1e-300) / solver.target)) }
            if best.map({ distance(trial) < distance($0) }) ?? true { best = trial }
            if value <= solver.target, low.map({ asked > $0.asked }) ?? true { low = trial }
            if value > solver.target, high.map({ asked < $0.asked }) ?? true { high = trial }
            return trial
        }

        /// Goes down or up from a size until the target lies between two, or the model has no further sizes.
        mutating func bracket(from first: Trial) throws {
            var at = first
            while !isDone, low == nil || high == nil {
                let isTooLarge = at.value > solver.target
                // At most by eight at once: amounts may grow as the root of the size or as its square.
                let ratio = min(max(solver.target / max(at.value, 1e-300), 1.0 / 8), 8)
                let step = isTooLarge ? min(ratio * 0.9, 0.7) : max(ratio * 1.1, 1.4)
                var asked = Int((Double(at.asked) * step).rounded())
                // Between the last size that was there and the first that was not: halve what is left.
                if asked <= floor || asked >= ceiling {
                    let end = isTooLarge ? max(floor, 1) : ceiling
                    asked = Int((Double(at.asked) * Double(end)).squareRoot())
                    if abs(log(Double(asked) / Double(at.asked))) < 0.01 { return }
                }
                if let next = try trial(asked) {
                    at = next
                } else if isTooLarge {
                    floor = max(floor, asked)
                } else {
                    ceiling = min(ceiling, asked)
                }
            }
        }

        /// Makes the bracket smaller until nothing lies in it.
        mutating func narrow() throws {
            var refused: Set<Int> = []
            while !isDone, let low, let high, low.asked < high.asked {
                let (a, b) = (log(Double(low.asked)), log(Double(high.asked)))
                guard b - a > 0.004 else { return }
                let (u, v) = (log(max(low.value, 1e-300)), log(max(high.value, 1e-300)))
                // Where a power law through the ends meets the target, but not so near an end that the other stays where it is.
                let share = v > u ? min(max((log(solver.target) - u) / (v - u), 0.1), 0.9) : 0.5
                // Where the model has no such size, beside it.
                let places = [share, share * 0.5, share + (1 - share) * 0.5, share * 0.8, share + (1 - share) * 0.2].map { Int(exp(a + (b - a) * $0).rounded()) }
                var isSmaller = false
                for asked in places where !refused.contains(asked) && asked > low.asked && asked < high.asked {
                    if try trial(asked) != nil {
                        isSmaller = true
                        break
                    }
                    refused.insert(asked)
                    if count >= solver.limit { return }
                }
                guard isSmaller else { return }
            }
        }
    }
}
