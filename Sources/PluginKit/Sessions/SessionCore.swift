public import Layers
public import SequenceModel
public import Tensor

/// What differs between kinds of session. The kit has validated what comes in, and runs everything inside of an execution
/// without recording.
public protocol SessionCore: AnyObject {
    /// B
    var rows: Int { get }
    /// Tokens read so far, for each row.
    var position: Int { get }
    var stateBytes: Int { get }

    /// Reads `tokens` [B, T], T ≥ 1; returns the logits asked for: nil, [B, V] or [B, T, V]. When it throws, the session is as before.
    func append(_ tokens: Tokens, logits: LogitsChoice) throws -> Tensor?
    func copy() throws -> any SessionCore
    /// Forgets all but the first `position` tokens, at most as many as were read. Throws `.unimplemented` where it cannot.
    func rewind(to position: Int) throws
    /// The state as bytes, and back, into a session that has read nothing. Restoring throws `.dataLoss` when they do not fit.
    func save() throws -> [UInt8]
    func restore(_ bytes: [UInt8], position: Int) throws
}
