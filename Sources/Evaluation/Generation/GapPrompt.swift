/// A text with gaps for a model to fill in: each occurrence of one character stands for one symbol that is not known.
public struct GapPrompt: Sendable, Equatable {
    /// Bytes of the text, the mask at gaps.
    public let symbols: [Int32]
    /// Runs of gaps, in order; empty where the character does not occur.
    public let gaps: [Range<Int>]

    /// - Parameters:
    ///   - gap: one Unicode scalar; what it stands for is one symbol, however many bytes it has itself.
    ///   - maskSymbol: what the model knows gaps by.
    public init(_ text: String, gap: Unicode.Scalar, maskSymbol: Int) {
        var symbols: [Int32] = []
        var gaps: [Range<Int>] = []
        for scalar in text.unicodeScalars {
            guard scalar == gap else {
                symbols += String(scalar).utf8.lazy.map(Int32.init)
                continue
            }
            if let last = gaps.last, last.upperBound == symbols.count {
                gaps[gaps.count - 1] = last.lowerBound ..< symbols.count + 1
            } else {
                gaps.append(symbols.count ..< symbols.count + 1)
            }
            symbols.append(Int32(maskSymbol))
        }
        self.symbols = symbols
        self.gaps = gaps
    }

    /// Symbols that are to be found.
    public var count: Int { gaps.reduce(0) { $0 + $1.count } }

    /// The first position outside of the gaps at which `text` does not have what was given; nil when all is as it was.
    public func firstChange(in text: [Int32]) -> Int? {
        var isGap = [Bool](repeating: false, count: symbols.count)
        for gap in gaps { for position in gap { isGap[position] = true } }
        return symbols.indices.first { !isGap[$0] && (!text.indices.contains($0) || text[$0] != symbols[$0]) }
    }
}
