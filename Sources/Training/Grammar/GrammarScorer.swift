import Glibc

/// The exact conditional probability of each byte of a text under a grammar: what the best possible model would say.
///
/// Keeps every derivation that fits the text so far (a leftmost one is a stack of symbols still to come) with its probability. At each byte the
/// stacks are unfolded to the next letter and those with another letter are dropped; the ratio of the probability left to the
/// probability before is the conditional probability of the byte. All derivations are counted, so the result would be right for
/// an ambiguous grammar too; that its sum equals the bits of the choices made shows that this one is not.
struct GrammarScorer {
    private struct Node {
        var symbol: GrammarSymbol
        /// Index of the node below; −1 at the bottom.
        var below: Int
    }

    private struct Hypothesis {
        var probability: Double
        /// Top of the stack of symbols still to come.
        var top: Int
        /// Letters to come before those, and how many are used.
        var letters: [UInt8]
        var used: Int
        /// What each slot keeps: a piece of the text.
        var slots: [Range<Int>]
    }

    private let grammar: Grammar
    private let text: [UInt8]
    private var nodes: [Node] = []
    private var hypotheses: [Hypothesis] = []

    /// A derivation of rule 0 begins at the start of `text`.
    init(_ grammar: Grammar, text: [UInt8]) {
        self.grammar = grammar
        self.text = text
    }

    /// Bits of each byte of `range`, given everything from `start` (where a derivation begins) on. Infinite where the
    /// grammar cannot have made the text.
    ///
    /// - Complexity: O(bytes × derivations that fit), in practice about 10⁶ bytes a second.
    mutating func bits(of range: Range<Int>, from start: Int) -> [Double] {
        nodes = []
        hypotheses = [fresh(probability: 1)]
        var result: [Double] = []
        result.reserveCapacity(range.count)
        for position in start ..< range.upperBound {
            let probability = advance(over: text[position], at: position)
            if position >= range.lowerBound { result.append(-log2(probability)) }
            guard probability > 0 else {
                result += [Double](repeating: .infinity, count: max(range.count - result.count, 0))
                break
            }
        }
        return result
    }

    private mutating func fresh(probability: Double) -> Hypothesis {
        if hypotheses.isEmpty { nodes.removeAll(keepingCapacity: true) }
        nodes.append(Node(symbol: .rule(0), below: -1))
        return Hypothesis(
            probability: probability, top: nodes.count - 1, letters: [], used: 0,
            slots: [Range<Int>](repeating: 0 ..< 0, count: grammar.slotRules.count))
    }

    /// Conditional probability of `letter`, which stands at `position`; drops what does not fit.
    private mutating func advance(over letter: UInt8, at position: Int) -> Double {
        var open = hypotheses
        hypotheses.removeAll(keepingCapacity: true)
        // With one derivation that stands at its end, all stacks are empty and their nodes can go.
        if open.count == 1, open[0].top < 0, open[0].used == open[0].letters.count { nodes.removeAll(keepingCapacity: true) }
        while var hypothesis = open.popLast() {
            if hypothesis.used < hypothesis.letters.count {
                if hypothesis.letters[hypothesis.used] == letter {
                    hypothesis.used += 1
                    hypotheses.append(hypothesis)
                }
                continue
            }
            guard hypothesis.top >= 0 else {
                nodes.append(Node(symbol: .rule(0), below: -1))
                hypothesis.top = nodes.count - 1
                open.append(hypothesis)
                continue
            }
            let node = nodes[hypothesis.top]
            hypothesis.top = node.below
            switch node.symbol {
            case .text(let letters):
                guard letters.first == letter else { continue }
                hypothesis.letters = letters
                hypothesis.used = 0
                open.append(hypothesis)
            case .rule(let rule):
                for production in grammar.rules[rule] {
                    if case .text(let letters)? = production.symbols.first, letters.first != letter { continue }
                    var next = hypothesis
                    next.probability *= production.probability
                    for symbol in production.symbols.reversed() {
                        nodes.append(Node(symbol: symbol, below: next.top))
                        next.top = nodes.count - 1
                    }
                    open.append(next)
                }
            case .beginSlot(let slot):
                hypothesis.slots[slot] = position ..< position
                open.append(hypothesis)
            case .endSlot(let slot):
                hypothesis.slots[slot] = hypothesis.slots[slot].lowerBound ..< position
                open.append(hypothesis)
            case .copy(let slot):
                hypothesis.letters = Array(text[hypothesis.slots[slot]])
                hypothesis.used = 0
                open.append(hypothesis)
            }
        }
        let probability = hypotheses.reduce(0) { $0 + $1.probability }
        if probability > 0 {
            for index in hypotheses.indices { hypotheses[index].probability /= probability }
        }
        return probability
    }
}
