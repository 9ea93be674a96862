public import SequenceModel

/// What the command line and the modules behind it throw: one line that says what, where, got and allowed, and the next
/// command to type. The code fixes the exit status.
public struct ZooError: Error, Sendable, CustomStringConvertible {
    /// Whose fault it is; fixes the exit status.
    public var code: Code
    /// What went wrong and where, what was got and what is allowed. One line, no full stop at the end.
    public var message: String
    /// The next command to type, or what to change.
    public var hint: String?
    /// The error underneath.
    public var cause: (any Error)?

    /// `message` is one line without a full stop; a `hint` stands on a line of its own.
    public init(_ code: Code, _ message: String, hint: String? = nil, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
        self.cause = cause
    }

    /// What a model threw, as an error of the program. `context` says what was being done ("training mamba").
    public init(_ error: SequenceModelError, while context: String) {
        let code: Code =
            switch error.code {
            case .cancelled: .interrupted
            case .resourceExhausted: .temporary
            case .internal: .plugin
            default: .data
            }
        self.init(code, "\(context): \(error.message)", cause: error)
    }

    /// The message alone, without hint and cause.
    public var description: String { message }

    /// Why a command ends without success.
    public enum Code: Sendable, Equatable, CaseIterable {
        /// The answer is "no": a check failed.
        case negative
        /// Data, a configuration or a checkpoint is at fault.
        case data
        /// A plugin is at fault.
        case plugin
        /// The command line is wrong.
        case usage
        /// We are at fault.
        case internalBug
        /// Trying again later may help: memory, disk, a lock.
        case temporary
        /// The user stopped it.
        case interrupted

        /// The exit status, as documented for the command line.
        public var exitStatus: Int32 {
            switch self {
            case .negative: 1
            case .data, .plugin: 2
            case .usage: 64
            case .internalBug: 70
            case .temporary: 75
            case .interrupted: 130
            }
        }
    }
}
