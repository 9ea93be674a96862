#if canImport(Glibc)
    import Glibc
#endif

/// Says how usual a text is, by the runs of bytes of another one: a judge of samples that needs no second trained model and gives every
/// text a finite score.
///
/// p_k(x | c) = (n(c x) + d(c) · p_{k−1}(x | c without its first byte)) / (n(c) + d(c)), with n how often a run occurs and d after how many
/// different bytes; p₋₁ = 1/256 (Witten and Bell 1991, interpolated). Contexts of up to five bytes: enough for words and what may follow
/// them, too short for what a text is about. A text that says the most usual thing again and again scores better than a true one: look at
/// `distinct` as well, and at the score of the true text rather than at the lowest.
public struct NGramJudge: Sendable {
    /// Longest context, in bytes.
    public static let contextBytes = 5
    /// How often each run occurs, how often something stands behind it, and how many different bytes do; by length and bytes.
    private var counts: [UInt64: UInt32] = [:]
    private var contexts: [UInt64: UInt32] = [:]
    private var different: [UInt64: UInt32] = [:]

    /// Counts all runs of up to six bytes.
    ///
    /// - Complexity: O(6 · bytes)
    public init(_ text: ArraySlice<UInt8>) {
        let bytes = Array(text)
        for end in bytes.indices {
            for length in 0 ... min(NGramJudge.contextBytes, end) {
                let context = NGramJudge.key(bytes[(end - length) ..< end])
                let run = NGramJudge.key(bytes[(end - length) ... end])
                if counts[run, default: 0] == 0 { different[context, default: 0] += 1 }
                counts[run, default: 0] += 1
                contexts[context, default: 0] += 1
            }
        }
    }

    /// Length and bytes in one number: at most six bytes.
    private static func key(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(UInt64(bytes.count) << 56) { sum, byte in
            let low = sum & 0x00FF_FFFF_FFFF_FFFF
            return (sum & 0xFF00_0000_0000_0000) | (low << 8) | UInt64(byte)
        }
    }

    /// Probability of `byte` after `context`, of which the last five bytes count. Sums to 1 over the 256 bytes.
    public func probability(of byte: UInt8, after context: ArraySlice<UInt8>) -> Double {
        var probability = 1.0 / 256
        for length in 0 ... min(NGramJudge.contextBytes, context.count) {
            let tail = context.suffix(length)
            let key = NGramJudge.key(tail)
            // A longer context of one that never occurred did not occur either.
            guard let total = contexts[key], let kinds = different[key] else { break }
            let count = counts[NGramJudge.key(tail + [byte])] ?? 0
            probability = (Double(count) + Double(kinds) * probability) / Double(total + kinds)
        }
        return probability
    }

    /// Mean bits of a byte of `text`, which stands after `prompt`; 0 for no text.
    ///
    /// - Complexity: O(6 · bytes)
    public func bitsPerByte(of text: [UInt8], after prompt: [UInt8]) -> Double {
        guard !text.isEmpty else { return 0 }
        let all = prompt.suffix(NGramJudge.contextBytes) + text
        let begin = all.count - text.count
        let bytes = Array(all)
        var bits = 0.0
        for position in begin ..< bytes.count {
            let context = bytes[max(0, position - NGramJudge.contextBytes) ..< position]
            bits -= log2(probability(of: bytes[position], after: context))
        }
        return bits / Double(text.count)
    }

    /// Share of different runs of eight bytes among all of `text`: near 1 for a text that does not repeat itself; 1 for shorter ones.
    public static func distinct(_ text: [UInt8]) -> Double {
        guard text.count > 8 else { return 1 }
        let runs = (0 ... text.count - 8).map { Array(text[$0 ..< $0 + 8]) }
        return Double(Set(runs).count) / Double(runs.count)
    }
}
