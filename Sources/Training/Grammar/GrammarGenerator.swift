import Glibc
import SequenceModel

/// Draws texts from a grammar.
struct GrammarGenerator {
    let grammar: Grammar
    var stream: RandomStream
    private(set) var text: [UInt8] = []
    /// −log₂ of the probability of all choices made so far.
    private(set) var choiceBits = 0.0
    private var slots: [Range<Int>]

    init(_ grammar: Grammar, key: RandomKey) {
        self.grammar = grammar
        stream = key.stream
        slots = [Range<Int>](repeating: 0 ..< 0, count: grammar.slotRules.count)
    }

    /// Appends one derivation of rule 0.
    mutating func append() { expand(0) }

    private mutating func expand(_ rule: Int) {
        let productions = grammar.rules[rule]
        var rest = stream.uniform()
        var choice = 0
        while choice < productions.count - 1, rest >= productions[choice].probability {
            rest -= productions[choice].probability
            choice += 1
        }
        choiceBits -= log2(productions[choice].probability)
        for symbol in productions[choice].symbols {
            switch symbol {
            case .text(let bytes): text.append(contentsOf: bytes)
            case .rule(let rule): expand(rule)
            case .beginSlot(let slot): slots[slot] = text.count ..< text.count
            case .endSlot(let slot): slots[slot] = slots[slot].lowerBound ..< text.count
            case .copy(let slot):
                // A slice of `text` would keep it shared, and appending would copy all of it.
                let kept = Array(text[slots[slot]])
                text.append(contentsOf: kept)
            }
        }
    }
}
