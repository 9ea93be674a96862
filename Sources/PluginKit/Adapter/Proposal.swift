internal import Layers
internal import SequenceModel

/// Searches a family of configurations for one that meets a budget: widths that suit the hardware first, the adjustable
/// size (usually the feed-forward width) for the rest of the way. Narrow models are far apart in relation to their size, so where
/// nothing is near enough, the adjustable size goes further from its usual proportion and in smaller steps.
struct Proposal<Model: TensorModel> {
    typealias Configuration = Model.Configuration
    let budget: Budget
    private let largestWidth = 1 << 16
    private let tolerance = 0.05
    /// Near enough to stop looking for a closer one among widths that suit the hardware less.
    private let near = 0.02

    /// Number of values of a configuration's parameters, counted by declaring them.
    static func parameterCount(_ configuration: Configuration) throws -> Int {
        let declared = Parameters()
        _ = try Model(configuration, declared)
        try declared.check()
        return declared.valueCount
    }

    /// Throws `.invalidArgument` with the nearest, smallest and largest counts when nothing is within 5 %.
    func best() throws -> Configuration {
        var best: (configuration: Configuration, error: Double)?
        for granule in [64, 32, 16, 8] {
            for width in widths(around: granule) {
                guard let candidate = adjusted(width), let count = count(candidate) else { continue }
                let error = abs(Double(count) / Double(budget.parameters) - 1)
                if error < best?.error ?? .infinity { best = (candidate, error) }
            }
            if let best, best.error <= near { break }
        }
        for reach in Reach.wider where best?.error ?? .infinity > tolerance {
            for width in widths(around: 8, below: 3) {
                guard let candidate = adjusted(width, within: reach), let count = count(candidate) else { continue }
                let error = abs(Double(count) / Double(budget.parameters) - 1)
                if error < best?.error ?? .infinity { best = (candidate, error) }
            }
        }
        if let best, best.error <= tolerance { return best.configuration }
        throw refusal(nearest: best.flatMap { count($0.configuration) })
    }

    /// How far the adjustable size may go from what `sized` made it.
    private struct Reach {
        /// From size / `divisor` to size · `factor`.
        var divisor: Int
        var factor: Double
        /// Multiples of this.
        var step: Int

        static var usual: Reach { Reach(divisor: 2, factor: 1.5, step: 8) }
        /// Tried one after the other.
        static var wider: [Reach] {
            [(2, 1.5, 4), (4, 4, 8), (4, 4, 4), (8, 8, 2), (8, 8, 1)].map { Reach(divisor: $0.0, factor: $0.1, step: $0.2) }
        }
    }

    /// A valid configuration of this width, or nil.
    private func candidate(_ width: Int) -> Configuration? {
        valid(Configuration.sized(width: width, for: budget))
    }

    /// The configuration as it would be read from a file, with everything checked; nil when it cannot be.
    private func valid(_ configuration: Configuration) -> Configuration? {
        try? Configuration.resolve(configuration.json(), modelTypes: [])
    }

    private func count(_ configuration: Configuration) -> Int? { try? Proposal.parameterCount(configuration) }

    /// The multiples of `granule` next to the budget on either side (counts grow with the width), and their neighbours.
    private func widths(around granule: Int, below: Int = 2) -> [Int] {
        var low = 1
        var high = largestWidth / granule
        while low < high {
            let middle = (low + high) / 2
            let isEnough = candidate(middle * granule).flatMap(count).map { $0 >= budget.parameters } ?? true
            if isEnough { high = middle } else { low = middle + 1 }
        }
        return (max(1, low - below) ... low + 1).map { $0 * granule }
    }

    /// The configuration of a width with its adjustable size varied towards the budget.
    private func adjusted(_ width: Int, within reach: Reach = .usual) -> Configuration? {
        guard let base = candidate(width), let total = count(base) else { return nil }
        guard let key = Configuration.adjustable else { return base }
        let size = base[keyPath: key]
        func resized(_ size: Int) -> Configuration? {
            var other = Configuration.sized(width: width, for: budget)
            other[keyPath: key] = size
            return valid(other)
        }
        guard let larger = resized(size + reach.step).flatMap(count), larger > total else { return base }
        let steps = (Double(budget.parameters - total) / Double(larger - total)).rounded()
        let step = reach.step
        let wanted = size + step * Int(max(-1e9, min(1e9, steps)))
        let least = (size / reach.divisor + step - 1) / step * step
        let bounded = min(max(wanted, least), Int(Double(size) * reach.factor))
        guard let near = resized(max(step, bounded / step * step)), let nearCount = count(near) else { return base }
        return abs(nearCount - budget.parameters) < abs(total - budget.parameters) ? near : base
    }

    private func refusal(nearest: Int?) -> SequenceModelError {
        var smallest: Int?
        for width in stride(from: 8, through: 512, by: 8) where smallest == nil {
            let narrowed = Reach.wider.last.flatMap { adjusted(width, within: $0) }.flatMap(count)
            smallest = [candidate(width).flatMap(count), narrowed].compactMap { $0 }.min()
        }
        // The nearest was adjusted, so it may lie beyond the ends that were not.
        let ends = [smallest, nearest, candidate(largestWidth).flatMap(count)].compactMap { $0 }
        let (least, most) = (ends.min(), ends.max())
        let parts = [
            least.map { "smallest possible: \($0)" },
            nearest.flatMap { $0 == least || $0 == most ? nil : "nearest: \($0)" },
            most.map { "largest possible: \($0)" },
        ].compactMap { $0 }
        return SequenceModelError(
            .invalidArgument,
            "no configuration of \(Model.card.id) has \(budget.parameters) parameters within 5 % for \(budget.alphabet) symbols; "
                + parts.joined(separator: ", "))
    }
}
