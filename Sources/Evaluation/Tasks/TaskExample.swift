/// One row of a task.
public struct TaskExample: Sendable, Equatable {
    /// What is read, in order.
    public var tokens: [Int32]
    /// What is wanted after the token at that place was read; −1: nothing.
    public var targets: [Int32]

    /// As many targets as tokens.
    init(tokens: [Int32], targets: [Int32]) {
        self.tokens = tokens
        self.targets = targets
    }

    /// A text in which the symbols at `answers` are asked for, each after all before it; the last symbol of the text is an answer, which nobody reads.
    init(text: [Int32], answers: some Sequence<Int>) {
        tokens = Array(text.dropLast())
        targets = [Int32](repeating: -1, count: max(text.count - 1, 0))
        for place in answers where place > 0 { targets[place - 1] = text[place] }
    }

    /// Number of answers that are wanted.
    public var answerCount: Int { targets.count { $0 >= 0 } }

    /// FNV-1a of tokens and targets: decides whether the row is for training, validation or testing.
    var fingerprint: UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for symbols in [tokens, targets] {
            for symbol in symbols { hash = (hash ^ UInt64(UInt32(bitPattern: symbol))) &* 0x0000_0100_0000_01B3 }
        }
        // The low bits of FNV depend on the low bits of the symbols alone.
        hash ^= hash >> 33
        hash = hash &* 0xFF51_AFD7_ED55_8CCD
        return hash ^ (hash >> 33)
    }
}
