import Foundation

/// Two models with the same kind of likelihood, compared seed by seed: a seed gives both the same windows in the same order, so that
/// much of what chance does to one it does to the other too.
public struct PairedComparison: Sendable, Equatable {
    /// Model ids; `first` has the lower mean.
    public var first: String
    /// The model with the higher mean.
    public var second: String
    /// Seeds with which both ended well.
    public var seeds: Int
    /// Bits per byte of `second` less those of `first`, mean over the seeds.
    public var difference: Double
    /// Half the width of its 95 % confidence interval (Student's t).
    public var halfWidth: Double
    /// Two-sided, of a paired t-test.
    public var probability: Double
    /// The same after Holm's correction for all pairs that were compared (Scandinavian Journal of Statistics 6, 1979): below 0.05 the
    /// pair is told apart, with a chance of at most 5 % that any pair is wrongly so.
    public var corrected: Double

    /// Whether the two are told apart.
    public var isDifferent: Bool { corrected < 0.05 }

    /// Seeds with which the interval of a difference as large and as scattered as this one would leave out 0; nil when that takes more
    /// than 100.
    public var seedsNeeded: Int? {
        let deviation = halfWidth / StudentT.quantile975(degreesOfFreedom: seeds - 1) * Double(seeds).squareRoot()
        return (2 ... 100).first {
            StudentT.quantile975(degreesOfFreedom: $0 - 1) * deviation / Double($0).squareRoot() < difference
        }
    }

    /// Every pair of models that share at least two seeds, within each kind of likelihood; corrected together.
    ///
    /// - Complexity: O(models² · seeds)
    public static func all(_ summaries: [ModelSummary]) -> [PairedComparison] {
        var pairs: [PairedComparison] = []
        for kind in LikelihoodKind.allCases {
            let group = summaries.filter { $0.likelihood == kind }.map { ($0.model, bits($0)) }
            for (index, one) in group.enumerated() {
                pairs += group[(index + 1)...].compactMap { PairedComparison(one, $0) }
            }
        }
        // Holm: the smallest probability times the number of tests, the next times one less, …, never falling.
        var largest = 0.0
        for (rank, index) in pairs.indices.sorted(by: { pairs[$0].probability < pairs[$1].probability }).enumerated() {
            largest = max(largest, min(pairs[index].probability * Double(pairs.count - rank), 1))
            pairs[index].corrected = largest
        }
        return pairs
    }

    /// Bits per byte by seed.
    private static func bits(_ summary: ModelSummary) -> [UInt64: Double] {
        Dictionary(summary.finished.compactMap { row in row.bitsPerByte.map { (row.seed, $0) } }, uniquingKeysWith: { first, _ in first })
    }

    private init?(_ one: (model: String, bits: [UInt64: Double]), _ other: (model: String, bits: [UInt64: Double])) {
        let (here, there) = (one.bits, other.bits)
        let differences = here.keys.sorted().compactMap { seed in there[seed].map { $0 - (here[seed] ?? 0) } }
        guard differences.count > 1 else { return nil }
        let count = Double(differences.count)
        let mean = differences.reduce(0, +) / count
        let variance = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        let error = (variance / count).squareRoot()
        first = mean < 0 ? other.model : one.model
        second = mean < 0 ? one.model : other.model
        seeds = differences.count
        difference = abs(mean)
        halfWidth = StudentT.quantile975(degreesOfFreedom: differences.count - 1) * error
        // The same bits with every seed: two names of one model, or a difference without any spread.
        probability =
            error > 0
            ? StudentT.twoSided(mean / error, degreesOfFreedom: differences.count - 1) : mean == 0 ? 1 : 0
        corrected = probability
    }
}
