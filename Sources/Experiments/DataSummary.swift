/// The bytes that all models of a comparison were given.
public struct DataSummary: Codable, Sendable, Equatable {
    /// File names without folders, or `built-in corpus`.
    public var sources: [String]
    /// SHA-256 of all bytes, in hexadecimal digits.
    public var sha256: String
    /// Number of bytes, all splits together.
    public var bytes: Int
    /// Sizes of the three parts, which lie one after another.
    public var splits: Splits
    /// Bits per byte that the test part is worth under the grammar that made it (`GrammarCorpus.informationBits`); nil for files,
    /// and where there is no test part. Only luck scores lower.
    public var bestPossibleBitsPerByte: Double?

    /// The splits take at most `bytes` together; `ComparisonResults.problem` checks that, this does not.
    public init(
        sources: [String], sha256: String, bytes: Int, splits: Splits, bestPossibleBitsPerByte: Double? = nil
    ) {
        self.sources = sources
        self.sha256 = sha256
        self.bytes = bytes
        self.splits = splits
        self.bestPossibleBitsPerByte = bestPossibleBitsPerByte
    }

    /// Bytes of each split.
    public struct Splits: Codable, Sendable, Equatable {
        /// Bytes that are learned from.
        public var train: Int
        /// Bytes that curves and tuning are measured on.
        public var validation: Int
        /// Bytes that the scores of rows are of.
        public var test: Int

        /// 0 for a split that is not there.
        public init(train: Int, validation: Int, test: Int) {
            self.train = train
            self.validation = validation
            self.test = test
        }
    }

    enum CodingKeys: String, CodingKey {
        case sources, sha256, bytes, splits
        case bestPossibleBitsPerByte = "best_possible_bits_per_byte"
    }

    /// All keys are always there; what is not known is `null`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(sources, forKey: .sources)
        try container.encode(sha256, forKey: .sha256)
        try container.encode(bytes, forKey: .bytes)
        try container.encode(splits, forKey: .splits)
        try container.encode(bestPossibleBitsPerByte, forKey: .bestPossibleBitsPerByte)
    }
}
