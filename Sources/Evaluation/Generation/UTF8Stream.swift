/// Turns bytes that come one at a time into text: a character is handed out when its last byte is there; what is not UTF-8
/// becomes U+FFFD, one for each maximal part of a sequence (Unicode 16, section 3.9, table 3-8, as browsers and Swift's `String(decoding:)` do).
public struct UTF8Stream: Sendable {
    private var pending: [UInt8] = []

    /// With nothing pending.
    public init() {}

    /// What can be shown now that `bytes` have come.
    public mutating func push(_ bytes: some Sequence<UInt8>) -> String {
        pending.append(contentsOf: bytes)
        let complete = pending.count - incompleteTail()
        defer { pending.removeFirst(complete) }
        return String(decoding: pending[..<complete], as: UTF8.self)
    }

    /// The end: an unfinished character becomes U+FFFD.
    public mutating func finish() -> String {
        defer { pending = [] }
        return String(decoding: pending, as: UTF8.self)
    }

    /// Bytes at the end that are a beginning of a character and may still become one.
    private func incompleteTail() -> Int {
        for length in 1 ... 3 where length <= pending.count {
            let first = pending[pending.count - length]
            if first & 0b1100_0000 == 0b1000_0000 { continue }
            let wanted =
                first >= 0xF0 && first <= 0xF4
                ? 4 : first >= 0xE0 && first < 0xF0 ? 3 : first >= 0xC2 && first < 0xE0 ? 2 : 1
            guard length < wanted else { return 0 }
            // The second byte is restricted after some first bytes: overlong forms, surrogates, beyond U+10FFFF.
            if length >= 2 {
                let second = pending[pending.count - length + 1]
                let allowed: ClosedRange<UInt8> =
                    switch first {
                    case 0xE0: 0xA0 ... 0xBF
                    case 0xED: 0x80 ... 0x9F
                    case 0xF0: 0x90 ... 0xBF
                    case 0xF4: 0x80 ... 0x8F
                    default: 0x80 ... 0xBF
                    }
                guard allowed.contains(second) else { return 0 }
            }
            return length
        }
        return 0
    }
}
