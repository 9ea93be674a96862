import PluginHost

/// The three blocks of a data set.
public struct DataSplits: Sendable {
    /// All three blocks in one array; the ranges below say which is which.
    public let data: TextData
    /// The proportion that the data were cut in.
    public let rule: SplitRule
    /// Places in `data.bytes`.
    public let trainRange: Range<Int>
    /// After the train block; empty where the rule gives it no weight or the data are too short.
    public let validationRange: Range<Int>
    /// After the validation block, to the end; empty for a rule such as 90/10.
    public let testRange: Range<Int>

    /// Cuts `data` by `rule`. A block may come out empty or shorter than a window: `check(context:)` refuses that.
    ///
    /// - Complexity: O(1): the bytes are shared, not copied.
    public init(_ data: TextData, rule: SplitRule = .default) {
        let ends = rule.ends(of: data.bytes.count)
        self.data = data
        self.rule = rule
        trainRange = 0 ..< ends.train
        validationRange = ends.train ..< ends.validation
        testRange = ends.validation ..< data.bytes.count
    }

    /// The bytes to learn from. As of the other two, its indices are those of `data.bytes`, not from 0.
    public var train: ArraySlice<UInt8> { data.bytes[trainRange] }
    /// The bytes that guide a run (learning curve, choice of options); never trained on.
    public var validation: ArraySlice<UInt8> { data.bytes[validationRange] }
    /// The bytes that results are reported on; no training run looks at them.
    public var test: ArraySlice<UInt8> { data.bytes[testRange] }

    /// Throws `.data` unless every block that is not left out by the rule holds a window of `context` + 1 bytes.
    public func check(context: Int) throws {
        let blocks = [
            ("train", trainRange, rule.train), ("validation", validationRange, rule.validation),
            ("test", testRange, rule.test),
        ]
        for (name, range, weight) in blocks where weight > 0 && range.count < context + 1 {
            throw ZooError(
                .data,
                "the \(name) block has \(range.count) bytes, less than one window of \(context) + 1 bytes "
                    + "(\(data.name): \(data.bytes.count) bytes split \(rule))",
                hint: "give more data, a smaller --context or another --split")
        }
    }
}
