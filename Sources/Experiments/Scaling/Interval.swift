/// An estimate with the ends of its 95 % interval.
public struct Interval: Codable, Sendable, Equatable {
    /// From all of the data.
    public var estimate: Double
    /// 2.5 % of what the bootstrap found lies below.
    public var low: Double
    /// 2.5 % of what the bootstrap found lies above.
    public var high: Double

    /// Takes the values as they are.
    public init(estimate: Double, low: Double, high: Double) {
        self.estimate = estimate
        self.low = low
        self.high = high
    }

    /// The percentile interval of what a bootstrap found; nil when an end of it is not finite. A few values that ran away do no harm.
    ///
    /// - Complexity: O(n log n)
    public init?(_ estimate: Double, replicates: [Double]) {
        guard estimate.isFinite, !replicates.isEmpty, !replicates.contains(where: \.isNaN) else { return nil }
        let sorted = replicates.sorted()
        let (low, high) = (Interval.quantile(sorted, 0.025), Interval.quantile(sorted, 0.975))
        guard low.isFinite, high.isFinite else { return nil }
        self.init(estimate: estimate, low: low, high: high)
    }

    /// `high` less `low`.
    public var width: Double { high - low }

    /// Whether `value` lies in it, its ends included.
    public func contains(_ value: Double) -> Bool { value >= low && value <= high }

    /// The value below which a share of the sorted values lies, linear between neighbours. `sorted` is not empty.
    static func quantile(_ sorted: [Double], _ share: Double) -> Double {
        let position = share * Double(sorted.count - 1)
        let index = min(Int(position), sorted.count - 1)
        let next = min(index + 1, sorted.count - 1)
        return sorted[index] + (position - Double(index)) * (sorted[next] - sorted[index])
    }
}
