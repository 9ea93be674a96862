import PluginHost

/// The three blocks of a data set.
public struct DataSplits: Sendable {
    public let data: TextData
    public let rule: SplitRule
    /// Places in `data.bytes`.
    public let trainRange: Range<Int>
    public let validationRange: Range<Int>
    public let testRange: Range<Int>

    public init(_ data: TextData, rule: SplitRule = .default) {
        let ends = rule.ends(of: data.bytes.count)
        self.data = data
        self.rule = rule
        trainRange = 0 ..< ends.train
        validationRange = ends.train ..< ends.validation
        testRange = ends.validation ..< data.bytes.count
    }

    public var train: ArraySlice<UInt8> { data.bytes[trainRange] }
    public var validation: ArraySlice<UInt8> { data.bytes[validationRange] }
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
