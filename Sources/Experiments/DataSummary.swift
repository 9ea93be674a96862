/// The bytes that all models of a comparison were given.
public struct DataSummary: Codable, Sendable, Equatable {
    /// File names, or `built-in`.
    public var sources: [String]
    /// SHA-256 of all bytes, in hexadecimal digits.
    public var sha256: String
    public var bytes: Int
    public var splits: Splits
    /// Entropy rate of the source in bits per byte, where it is known (the built-in corpus): no score can be lower.
    public var bestPossibleBitsPerByte: Double?

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
        public var train: Int
        public var validation: Int
        public var test: Int

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

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(sources, forKey: .sources)
        try container.encode(sha256, forKey: .sha256)
        try container.encode(bytes, forKey: .bytes)
        try container.encode(splits, forKey: .splits)
        try container.encode(bestPossibleBitsPerByte, forKey: .bestPossibleBitsPerByte)
    }
}
