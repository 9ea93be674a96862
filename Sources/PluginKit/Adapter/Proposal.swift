internal import Layers
internal import SequenceModel

/// Searches a family of configurations for one that meets a budget: widths that suit the hardware first, the adjustable
/// size (usually the feed-forward width) for the rest of the way.
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
        if let best, best.error <= tolerance { return best.configuration }
        throw refusal(nearest: best.flatMap { count($0.configuration) })
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
    private func widths(around granule: Int) -> [Int] {
        var low = 1
        var high = largestWidth / granule
        while low < high {
            let middle = (low + high) / 2
            let isEnough = candidate(middle * granule).flatMap(count).map { $0 >= budget.parameters } ?? true
            if isEnough { high = middle } else { low = middle + 1 }
        }
        return (max(1, low - 2) ... low + 1).map { $0 * granule }
    }

    /// The configuration of a width with its adjustable size varied by at most half, in multiples of 8, towards the budget.
    private func adjusted(_ width: Int) -> Configuration? {
        guard let base = candidate(width), let total = count(base) else { return nil }
        guard let key = Configuration.adjustable else { return base }
        let size = base[keyPath: key]
        func resized(_ size: Int) -> Configuration? {
            var other = Configuration.sized(width: width, for: budget)
            other[keyPath: key] = size
            return valid(other)
        }
        guard let larger = resized(size + 8).flatMap(count), larger > total else { return base }
        let steps = (Double(budget.parameters - total) / Double(larger - total)).rounded()
        let wanted = size + 8 * Int(max(-1e9, min(1e9, steps)))
        let bounded = min(max(wanted, (size / 2 + 7) / 8 * 8), size + size / 2)
        guard let near = resized(max(8, bounded / 8 * 8)), let nearCount = count(near) else { return base }
        return abs(nearCount - budget.parameters) < abs(total - budget.parameters) ? near : base
    }

    private func refusal(nearest: Int?) -> SequenceModelError {
        var smallest: Int?
        for width in stride(from: 8, through: 512, by: 8) where smallest == nil { smallest = candidate(width).flatMap(count) }
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
