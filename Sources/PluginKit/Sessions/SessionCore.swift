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
    /// Bytes of state needed to go on.
    var stateBytes: Int { get }

    /// Reads `tokens` [B, T], T ≥ 1; returns the logits asked for: nil, [B, V] or [B, T, V]. When it throws, the session is as before.
    func append(_ tokens: Tokens, logits: LogitsChoice) throws -> Tensor?
    /// An independent session with the same past. Throws `.resourceExhausted`.
    func copy() throws -> any SessionCore
    /// Forgets all but the first `position` tokens, at most as many as were read. Throws `.unimplemented` where it cannot.
    func rewind(to position: Int) throws
    /// The state as bytes, without a header: the kit writes one.
    func save() throws -> [UInt8]
    /// Goes on from what `save` gave, in a session that has read nothing. Throws `.dataLoss` when the bytes do not fit.
    func restore(_ bytes: [UInt8], position: Int) throws
}
