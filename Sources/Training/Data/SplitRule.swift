import PluginHost

/// How data are cut into three contiguous blocks: train first, then validation, then test, in the proportion of three whole numbers.
///
/// With N bytes and weights a : b : c the blocks end at ⌊N·a/(a+b+c)⌋, ⌊N·(a+b)/(a+b+c)⌋ and N. Blocks, not random windows: neighbouring text
/// is alike, and a window between two training windows would be no test.
public struct SplitRule: Sendable, Equatable, CustomStringConvertible {
    /// Weight of the train block, 1 … 1,000,000.
    public let train: Int
    /// Weight of the validation block, 0 … 1,000,000; 0: no such block.
    public let validation: Int
    /// Weight of the test block, 0 … 1,000,000; 0: no such block.
    public let test: Int

    /// 90/5/5
    public static let `default` = SplitRule(train: 90, validation: 5, test: 5)

    private init(train: Int, validation: Int, test: Int) {
        self.train = train
        self.validation = validation
        self.test = test
    }

    /// "90/5/5", or "90/10" without a test block.
    ///
    /// - Throws: `ZooError(.usage)`.
    public init(_ text: String) throws {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        let numbers = parts.compactMap { $0 }
        guard numbers.count == parts.count, (2 ... 3).contains(numbers.count),
            numbers.allSatisfy({ (0 ... 1_000_000).contains($0) }), numbers[0] > 0
        else {
            throw ZooError(
                .usage, "the split \"\(text)\" is not two or three whole numbers such as 90/5/5 (train/validation/test)")
        }
        self.init(train: numbers[0], validation: numbers[1], test: numbers.count > 2 ? numbers[2] : 0)
    }

    /// What `init(_:)` reads: always three numbers, "90/10/0" for "90/10".
    public var description: String { "\(train)/\(validation)/\(test)" }

    /// Ends of the train and the validation block of `count` bytes.
    func ends(of count: Int) -> (train: Int, validation: Int) {
        let total = train + validation + test
        func share(_ weight: Int) -> Int {
            // In 128 bits: a count of bytes times a million may not fit in 64.
            let product = count.multipliedFullWidth(by: weight)
            return total.dividingFullWidth(product).quotient
        }
        return (share(train), share(train + validation))
    }
}
