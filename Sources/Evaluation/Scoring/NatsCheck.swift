import PluginHost
import SequenceModel

/// Adds up what a model says of a batch, and refuses what no likelihood can be.
struct NatsCheck {
    let description: ModelDescription
    let windows: ScoringWindows
    let group: Range<Int>

    /// An exact likelihood is at most 1; float32 rounding leaves −1e-4 nats at the very most.
    static let roundingNats: Float = -1e-3

    /// Sum over the targets, in order and in double precision.
    func total(_ score: Score, of batch: Batch) throws -> Double {
        guard score.nats.count == batch.targets.count else {
            throw ZooError(
                .plugin,
                "\(description.id) gave \(score.nats.count) scores for \(batch.rows) × \(batch.length) positions")
        }
        var total = 0.0
        for (index, target) in batch.targets.enumerated() where target >= 0 {
            let nats = score.nats[index]
            guard nats.isFinite, description.likelihood != .exact || nats >= Self.roundingNats else {
                throw ZooError(
                    .plugin,
                    "\(description.id) gave \(nats) nats for the symbol at offset \(offset(of: index, in: batch)); "
                        + (nats.isFinite ? "a probability is at most 1" : "it must be finite"),
                    hint: "its parameters may have diverged, or its score is not a likelihood")
            }
            total += Double(nats)
        }
        return total
    }

    /// Offset in the slice of the symbol that position `index` of the batch speaks of.
    private func offset(of index: Int, in batch: Batch) -> Int {
        let window = group.lowerBound + index / batch.length
        return window * windows.context + index % batch.length + (windows.inPlace ? 0 : 1)
    }
}
