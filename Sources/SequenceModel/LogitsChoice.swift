/// Which logits `SequenceSession.append` writes. Raw values are those of the C ABI.
public enum LogitsChoice: UInt32, Sendable {
    /// Nothing.
    case none = 0
    /// Those after the last token: [B, V].
    case last = 1
    /// Those after every token: [B, T, V].
    case all = 2
}
