public import SequenceModel

/// The text that the events of a generation make, and which of its positions are still unknown.
public struct RefinedText: Sendable, Equatable {
    /// Prompt and new symbols, the mask where a symbol is not known yet.
    public private(set) var symbols: [Int32]
    /// The step at work, counted from 0.
    public private(set) var step = 0
    /// How many there will be; 0 while nobody has said.
    public private(set) var steps = 0
    private let maskSymbol: Int32?

    /// Begins with the prompt.
    public init(prompt: [Int32], maskSymbol: Int?) {
        symbols = prompt
        self.maskSymbol = maskSymbol.map(Int32.init)
    }

    /// Applies `event`; false when it speaks of positions that are not there.
    public mutating func apply(_ event: GenerationEvent) -> Bool {
        switch event {
        case .step(let index, let count): (step, steps) = (index, count)
        case .append(let new): symbols += new
        case .replace(let begin, let new):
            guard begin >= 0, begin <= symbols.count, new.count <= symbols.count - begin else { return false }
            symbols.replaceSubrange(begin ..< begin + new.count, with: new)
        case .done: break
        }
        return true
    }

    /// Whether the mask is at this position, which must be there.
    public func isUnknown(_ position: Int) -> Bool { symbols[position] == maskSymbol }

    /// How many positions hold the mask.
    public var unknown: Int { symbols.count { $0 == maskSymbol } }

    /// The bytes, with `placeholder` for the mask and for symbols that are no bytes.
    public func bytes(placeholder: UInt8 = UInt8(ascii: "_")) -> [UInt8] {
        symbols.map { $0 == maskSymbol ? placeholder : UInt8(exactly: $0) ?? placeholder }
    }
}
