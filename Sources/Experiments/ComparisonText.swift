public import Training

/// The text of a comparison, read once by `zoo compare` for the plan and again by every run, which checks that it is the same.
public struct ComparisonText: Sendable {
    /// The bytes, in memory, and the blocks.
    public let splits: DataSplits
    /// What plan and results say of it; hash and sizes are those of `splits`.
    public let summary: DataSummary
    /// Absolute paths; empty for the built-in corpus.
    public let paths: [String]

    /// - Parameters:
    ///   - files: files, folders or patterns; empty for the built-in corpus.
    ///   - measuresBest: whether the summary says what the best possible is, where that is known.
    /// - Throws: `ZooError` for text that is missing, empty or unreadable.
    public init(files: [String], split: SplitRule, measuresBest: Bool = true) throws {
        if files.isEmpty {
            let corpus = GrammarCorpus()
            splits = DataSplits(corpus.data, rule: split)
            let test = splits.testRange
            summary = ComparisonText.summarise(
                splits, sources: ["built-in corpus"],
                best: test.isEmpty || !measuresBest ? nil : corpus.informationBits(of: test) / Double(test.count))
            paths = []
        } else {
            let data = try TextData.load(files)
            splits = DataSplits(data, rule: split)
            paths = data.files.map { RunFiles.absolute($0.path) }
            let names = paths.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
            summary = ComparisonText.summarise(splits, sources: names, best: nil)
        }
    }

    /// A sentence when more than one window of 64 bytes in a hundred of the test part also stands in the training part; the
    /// built-in corpus repeats itself by nature.
    ///
    /// - Complexity: O(bytes)
    public var overlapWarning: String? {
        guard !paths.isEmpty else { return nil }
        let overlap = Overlap(of: splits.test, in: splits.train)
        guard overlap.share > 0.01 else { return nil }
        let percent = (overlap.share * 1000).rounded() / 10
        return "\(percent) % of the test part stands word for word in the training part "
            + "(\(overlap.shared) of \(overlap.windows) windows of \(overlap.windowBytes) bytes): scores are too good"
    }

    private static func summarise(_ splits: DataSplits, sources: [String], best: Double?) -> DataSummary {
        DataSummary(
            sources: sources, sha256: splits.data.sha256, bytes: splits.data.bytes.count,
            splits: .init(
                train: splits.trainRange.count, validation: splits.validationRange.count, test: splits.testRange.count),
            bestPossibleBitsPerByte: best)
    }
}
