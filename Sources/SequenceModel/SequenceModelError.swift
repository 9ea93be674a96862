/// What went wrong in a model, with the status that crosses the C ABI.
public struct SequenceModelError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The status.
    public var code: Code
    /// What, where, got and allowed.
    public var message: String

    /// See the properties.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }

    /// Raw values are those of the C ABI.
    public struct Code: RawRepresentable, Sendable, Hashable {
        /// The status as a number.
        public let rawValue: Int32
        /// Any number; those below are the known ones.
        public init(rawValue: Int32) { self.rawValue = rawValue }

        /// The host asked to stop; the instance is as usable as before.
        public static let cancelled = Code(rawValue: 1)
        /// A value is wrong: the message names it, what was got and what is allowed.
        public static let invalidArgument = Code(rawValue: 3)
        /// There is no such thing.
        public static let notFound = Code(rawValue: 5)
        /// Memory, or a declared limit.
        public static let resourceExhausted = Code(rawValue: 8)
        /// Called in the wrong order.
        public static let failedPrecondition = Code(rawValue: 9)
        /// Not among the capabilities.
        public static let unimplemented = Code(rawValue: 12)
        /// A bug of the plugin's.
        public static let `internal` = Code(rawValue: 13)
        /// A saved state is truncated, damaged or of another model.
        public static let dataLoss = Code(rawValue: 15)
    }
}
