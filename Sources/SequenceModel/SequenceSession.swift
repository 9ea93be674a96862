/// A model that is reading: B rows in step. Used by one thread at a time, never beyond the life of its model's binding.
public protocol SequenceSession: AnyObject {
    /// B
    var rows: Int { get }
    /// Tokens read so far, for each row.
    var position: Int { get }
    /// Bytes of state needed to go on, as the model declares them (the host measures `save` as well).
    var stateBytes: Int { get }

    /// Reads `tokens` [B, count], row after row, and writes the logits that `which` asks for:
    /// `.none` nothing, `.last` [B, V], `.all` [B, count, V]. Throws `.invalidArgument` for symbols out of range and rows too long,
    /// `.resourceExhausted`, `.cancelled`; the session is then as before.
    func append(_ tokens: [Int32], logits which: LogitsChoice, into logits: UnsafeMutableBufferPointer<Float>) throws
    /// An independent copy. Throws `.resourceExhausted`.
    func fork() throws -> any SequenceSession
    /// Forgets all but the first `position` tokens; throws `.unimplemented` where the state cannot go back.
    func rewind(to position: Int) throws
    /// The state as bytes, with its own header, for `SequenceModel.loadSession`. Throws `.resourceExhausted`.
    func save() throws -> [UInt8]
}
