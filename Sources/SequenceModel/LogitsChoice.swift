/// Which logits `SequenceSession.append` writes. Raw values are those of the C ABI.
public enum LogitsChoice: UInt32, Sendable {
    case none = 0
    case last = 1
    case all = 2
}
