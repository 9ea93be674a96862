/// The sum over groups of what several independent replicates say, and how far it can be off.
///
/// Every group of every replicate has a key of its own, so the variances of the groups add up:
/// Var(mean) = Σ over groups of s²(group) / R, with (R − 1) × groups degrees of freedom. Two replicates of a long text thus
/// give a good standard error, where the spread of two grand totals would give a poor one.
struct ReplicateSpread {
    let mean: Double
    /// nil with fewer than two replicates.
    let standardError: Double?

    /// - Parameter totals: [groups, R], the same R ≥ 1 for all.
    init(_ totals: [[Double]]) {
        var sum = 0.0
        var variance = 0.0
        var replicates = 0
        for group in totals {
            replicates = group.count
            let mean = group.reduce(0, +) / Double(replicates)
            sum += mean
            let squares = group.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            variance += squares / Double(max(replicates - 1, 1)) / Double(replicates)
        }
        mean = sum
        standardError = replicates >= 2 ? variance.squareRoot() : nil
    }
}
