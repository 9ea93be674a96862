public import SequenceModel

/// Random windows of a text, addressed by step and row: which ones come is fixed by the seed alone, whatever was drawn before,
/// however many threads there are, and also after a resume.
public struct WindowSampler: Sendable {
    /// T
    public let context: Int
    /// B, rows of one micro-batch.
    public let rows: Int
    /// Micro-batches of one step.
    public let accumulation: Int
    private let bytes: [UInt8]
    private let range: Range<Int>
    private let dataKey: RandomKey
    private let lossKey: RandomKey

    /// `range` of `bytes` holds at least `context` + 1 bytes.
    public init(
        bytes: [UInt8], range: Range<Int>, context: Int, rows: Int, accumulation: Int = 1, seed: UInt64
    ) {
        precondition(range.count >= context + 1 && context >= 1, "WindowSampler: \(range.count) bytes for context \(context)")
        self.bytes = bytes
        self.range = range
        self.context = context
        self.rows = rows
        self.accumulation = accumulation
        dataKey = RandomKey(seed: seed).split("training windows")
        lossKey = RandomKey(seed: seed).split("training loss")
    }

    /// Where the window of `row` (0 ..< rows × accumulation) of step `step` (from 0) begins.
    public func start(step: Int, row: Int) -> Int {
        var stream = dataKey.split(UInt64(step)).split(UInt64(row)).stream
        return range.lowerBound + stream.index(below: range.count - context)
    }

    /// Micro-batch `part` of step `step`. Weights make the losses of all parts of a step sum to the mean over its targets.
    public func batch(step: Int, part: Int = 0, targetsInPlace: Bool) -> Batch {
        let starts = (0 ..< rows).map { start(step: step, row: part * rows + $0) }
        var batch = Batch(windowsOf: bytes, at: starts, context: context, targetsInPlace: targetsInPlace)
        batch.key = lossKey.split(UInt64(step)).split(UInt64(part))
        if accumulation > 1 {
            let weight = 1 / Float(rows * accumulation * context)
            batch.weights = batch.targets.map { $0 >= 0 ? weight : 0 }
        }
        return batch
    }
}
