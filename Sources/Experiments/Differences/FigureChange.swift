/// How one figure of one model changed from an old comparison to a new one.
public struct FigureChange: Codable, Sendable, Equatable {
    /// How the interval of a change was found.
    public enum Method: String, Codable, Sendable {
        /// The same seeds in both: Student's t over their differences.
        case paired
        /// Different seeds: Welch's t.
        case welch
        /// Counted, not estimated: any change is real.
        case exact
        /// One run on a side: how much is chance is not known.
        case none
    }

    /// Model id.
    public var model: String
    /// `bits_per_byte`, `train_tokens_per_second`, `peak_memory_bytes`, `decode_tokens_per_second_1024`, `state_bytes_1024`, …
    public var figure: String
    /// Mean over the runs that ended well.
    public var old: Double
    /// The same in the new comparison.
    public var new: Double
    /// `new` less `old`; paired, over the seeds that both have.
    public var change: Double
    /// Half the width of the 95 % interval of `change`; null without one.
    public var halfWidth: Double?
    /// Two-sided; null without a test.
    public var probability: Double?
    /// The same after Holm's correction for all that were tested.
    public var corrected: Double?
    /// How the interval was found.
    public var method: Method
    /// Whether less is better.
    public var lowerIsBetter: Bool
    /// Empty, or why the change says nothing about the model: another text, another machine.
    public var reservation: String

    enum CodingKeys: String, CodingKey {
        case model, figure, old, new, change
        case halfWidth = "half_width"
        case probability, corrected, method
        case lowerIsBetter = "lower_is_better"
        case reservation
    }

    /// Whether the change is more than chance: below 5 % after the correction, or counted.
    public var isSignificant: Bool {
        guard reservation.isEmpty else { return false }
        return method == .exact ? change != 0 : (corrected ?? 1) < 0.05
    }

    /// Whether it is for the worse, significant or not.
    public var isWorse: Bool { lowerIsBetter ? change > 0 : change < 0 }

    /// - Parameters:
    ///   - old: measurements by seed.
    ///   - new: the same of the new comparison.
    init?(
        model: String, figure: String, old: [UInt64: Double], new: [UInt64: Double], lowerIsBetter: Bool, isExact: Bool = false,
        reservation: String = ""
    ) {
        guard let before = MeanInterval(Array(old.values.sorted())), let after = MeanInterval(Array(new.values.sorted())) else {
            return nil
        }
        self.model = model
        self.figure = figure
        self.old = before.mean
        self.new = after.mean
        self.lowerIsBetter = lowerIsBetter
        self.reservation = reservation
        change = after.mean - before.mean
        method = .none
        if isExact {
            method = .exact
            return
        }
        let common = old.keys.filter { new[$0] != nil }.sorted()
        if common.count > 1, common.count == old.count, common.count == new.count {
            test(paired: common.map { (new[$0] ?? 0) - (old[$0] ?? 0) })
        } else if let first = before.variance, let second = after.variance {
            test((first, before.count), (second, after.count))
        }
    }

    private mutating func test(paired differences: [Double]) {
        guard let interval = MeanInterval(differences), let variance = interval.variance, let half = interval.halfWidth else { return }
        method = .paired
        change = interval.mean
        halfWidth = half
        let error = (variance / Double(interval.count)).squareRoot()
        // The same change with every seed is either none at all or beyond doubt.
        probability = error > 0
            ? StudentT.twoSided(change / error, degreesOfFreedom: interval.count - 1) : change == 0 ? 1 : 0
        corrected = probability
    }

    /// Welch (Biometrika 34, 1947), with the degrees of freedom rounded down: never too sure.
    private mutating func test(_ old: (variance: Double, count: Int), _ new: (variance: Double, count: Int)) {
        let (first, second) = (old.variance / Double(old.count), new.variance / Double(new.count))
        let error = (first + second).squareRoot()
        method = .welch
        guard error > 0 else {
            (halfWidth, probability) = (0, change == 0 ? 1 : 0)
            corrected = probability
            return
        }
        let degrees = (first + second) * (first + second)
            / (first * first / Double(old.count - 1) + second * second / Double(new.count - 1))
        let whole = max(Int(degrees.rounded(.down)), 1)
        halfWidth = StudentT.quantile975(degreesOfFreedom: whole) * error
        probability = StudentT.twoSided(change / error, degreesOfFreedom: whole)
        corrected = probability
    }

    /// All keys are always there; what is not known is `null`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(model, forKey: .model)
        try container.encode(figure, forKey: .figure)
        try container.encode(old, forKey: .old)
        try container.encode(new, forKey: .new)
        try container.encode(change, forKey: .change)
        try container.encode(halfWidth, forKey: .halfWidth)
        try container.encode(probability, forKey: .probability)
        try container.encode(corrected, forKey: .corrected)
        try container.encode(method, forKey: .method)
        try container.encode(lowerIsBetter, forKey: .lowerIsBetter)
        try container.encode(reservation, forKey: .reservation)
    }
}
