public import SequenceModel

/// Mean nats of a target over windows that lie one after another from the beginning of a block: the same windows and the same
/// random choices each time, so that two values differ by the model alone.
public struct ValidationLoss: Sendable {
    private let bytes: [UInt8]
    private let starts: [Int]
    private let context: Int
    private let rows: Int
    private let key: RandomKey

    /// nil when `range` does not hold one window of `context` + 1 bytes. `maximumBytes`: how much is looked at.
    public init?(bytes: [UInt8], range: Range<Int>, context: Int, rows: Int, maximumBytes: Int, seed: UInt64) {
        guard range.count > context else { return nil }
        let windows = max(min(range.count - 1, maximumBytes) / context, 1)
        self.bytes = bytes
        self.context = context
        self.rows = rows
        starts = (0 ..< windows).map { range.lowerBound + $0 * context }
        key = RandomKey(seed: seed).split("validation loss")
    }

    /// Targets that are predicted.
    public var targetCount: Int { starts.count * context }

    /// Throws what the model throws.
    public func measure(_ model: any SequenceModel) throws -> Double {
        let inPlace = model.description.capabilities.contains(.targetsInPlace)
        // A loss with further terms is no mean of nats.
        let isScored = model.description.capabilities.contains(.auxiliaryLoss)
        var sum = 0.0
        for first in stride(from: 0, to: starts.count, by: rows) {
            let some = Array(starts[first ..< min(first + rows, starts.count)])
            let batch = Batch(
                windowsOf: bytes, at: some, context: context, targetsInPlace: inPlace, key: key.split(UInt64(first)))
            let mean =
                isScored
                ? try model.score(batch, samples: 0).nats.reduce(0) { $0 + Double($1) } / Double(batch.targetCount) : try model.loss(batch)
            sum += mean * Double(some.count)
        }
        return sum / Double(starts.count)
    }
}
