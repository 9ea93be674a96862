/// A mean of measurements and its 95 % confidence interval.
public struct MeanInterval: Sendable, Equatable {
    /// Of the measurements.
    public var mean: Double
    /// Sample variance; nil with one measurement.
    public var variance: Double?
    /// How many there are.
    public var count: Int

    /// nil without measurements.
    public init?(_ values: [Double]) {
        guard !values.isEmpty else { return nil }
        count = values.count
        let mean = values.reduce(0, +) / Double(values.count)
        self.mean = mean
        guard values.count > 1 else { return }
        variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
    }

    /// Half the width of the interval, by Student's t; nil with one measurement, of which nothing is known.
    public var halfWidth: Double? {
        variance.map { StudentT.quantile975(degreesOfFreedom: count - 1) * ($0 / Double(count)).squareRoot() }
    }

    /// Whether the two intervals have a point in common; nil where one of them is not known.
    public func overlaps(_ other: MeanInterval) -> Bool? {
        guard let here = halfWidth, let there = other.halfWidth else { return nil }
        return abs(mean - other.mean) <= here + there
    }
}
