public import SequenceModel

/// Random windows of the train block of a text, validated on the beginning of its validation block.
public final class TextSource: BatchSource {
    /// The text and its blocks; the test block is not looked at.
    public let splits: DataSplits
    private let options: TrainingOptions
    private let sampler: WindowSampler

    /// - Throws: `ZooError(.data)` when a block is shorter than a window.
    public init(_ splits: DataSplits, options: TrainingOptions) throws {
        try splits.check(context: options.context)
        self.splits = splits
        self.options = options
        sampler = WindowSampler(
            bytes: splits.data.bytes, range: splits.trainRange, context: options.context, rows: options.batch,
            accumulation: options.accumulate, seed: options.seed)
    }

    /// That of the text.
    public var name: String { splits.data.name }
    /// Of all bytes.
    public var sha256: String { splits.data.sha256 }
    /// The 256 bytes.
    public var alphabet: Int { Alphabet.bytes.count }
    /// Bytes of the train block.
    public var targetsInPass: Int { splits.trainRange.count }

    /// Name, hash, size and files.
    public var summary: JSONObject {
        [
            "name": .string(splits.data.name), "sha256": .string(splits.data.sha256),
            "bytes": .integer(Int64(splits.data.bytes.count)),
            "files": .array(
                splits.data.files.map { file in
                    .object([
                        "path": .string(file.path), "bytes": .integer(Int64(file.stamp.bytes)),
                        "modified": .string("\(file.stamp.seconds)." + String("\(1_000_000_000 + file.stamp.nanoseconds)".dropFirst())),
                    ])
                }),
        ]
    }

    /// A window; one symbol more where targets are in place.
    public func longestRow(targetsInPlace: Bool) -> Int { options.context + (targetsInPlace ? 1 : 0) }

    /// See `WindowSampler.batch`.
    public func batch(step: Int, part: Int, targetsInPlace: Bool) -> Batch {
        sampler.batch(step: step, part: part, targetsInPlace: targetsInPlace)
    }

    /// See `ValidationLoss`; nil when the validation block does not hold a window.
    public func validation(of model: any SequenceModel) throws -> ValidationRecord? {
        let measure = ValidationLoss(
            bytes: splits.data.bytes, range: splits.validationRange, context: options.context, rows: options.batch,
            maximumBytes: options.evaluationSize, seed: options.seed)
        return try measure.map { ValidationRecord(loss: try $0.measure(model)) }
    }

    /// See `TextData.checkUnchanged`.
    public func checkUnchanged() throws { try splits.data.checkUnchanged() }
}
