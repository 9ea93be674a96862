/// What went wrong in a model, with the status that crosses the C ABI.
public struct SequenceModelError: Error, Sendable, Equatable, CustomStringConvertible {
    public var code: Code
    /// What, where, got and allowed.
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }

    /// Raw values are those of the C ABI.
    public struct Code: RawRepresentable, Sendable, Hashable {
        public let rawValue: Int32
        public init(rawValue: Int32) { self.rawValue = rawValue }

        public static let cancelled = Code(rawValue: 1)
        public static let invalidArgument = Code(rawValue: 3)
        public static let notFound = Code(rawValue: 5)
        public static let resourceExhausted = Code(rawValue: 8)
        public static let failedPrecondition = Code(rawValue: 9)
        public static let unimplemented = Code(rawValue: 12)
        public static let `internal` = Code(rawValue: 13)
        public static let dataLoss = Code(rawValue: 15)
    }
}
