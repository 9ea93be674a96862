import Glibc

/// A probabilistic context-free grammar that can also repeat what it said: a slot keeps the text that a rule became, and a copy
/// says it again. A text is a sequence of independent derivations of rule 0.
struct Grammar {
    struct Production: Equatable {
        var probability: Double
        var symbols: [GrammarSymbol]
    }

    /// Alternatives of each rule; their probabilities sum to 1.
    private(set) var rules: [[Production]] = []
    private(set) var ruleNames: [String] = []
    /// The rule that each slot's text comes from.
    private(set) var slotRules: [Int] = []

    /// Rules in a small notation: alternatives with weights, in which `{x}` is rule x, `{+x}` rule x kept under this name and `{=x}` what was
    /// kept. The first rule begins a text.
    init(_ source: [(name: String, alternatives: [(weight: Double, text: String)])]) {
        ruleNames = source.map(\.name)
        let indices = Dictionary(uniqueKeysWithValues: ruleNames.enumerated().map { ($0.element, $0.offset) })
        var slots: [String: Int] = [:]
        for (name, alternatives) in source {
            let total = alternatives.reduce(0) { $0 + $1.weight }
            rules.append(
                alternatives.map { weight, text in
                    var symbols: [GrammarSymbol] = []
                    for (position, piece) in text.split(separator: "{", omittingEmptySubsequences: false).enumerated() {
                        guard position > 0 else {
                            if !piece.isEmpty { symbols.append(.text(Array(piece.utf8))) }
                            continue
                        }
                        let parts = piece.split(separator: "}", maxSplits: 1, omittingEmptySubsequences: false)
                        let key = String(parts[0].drop { $0 == "+" || $0 == "=" })
                        guard let rule = indices[key], parts.count == 2 else {
                            preconditionFailure("grammar rule \(name): {\(parts[0])} is no rule")
                        }
                        if parts[0].hasPrefix("+") || parts[0].hasPrefix("=") {
                            let slot = slots[key] ?? slots.count
                            if slots.updateValue(slot, forKey: key) == nil { slotRules.append(rule) }
                            symbols += parts[0].hasPrefix("=") ? [.copy(slot)] : [.beginSlot(slot), .rule(rule), .endSlot(slot)]
                        } else {
                            symbols.append(.rule(rule))
                        }
                        if !parts[1].isEmpty { symbols.append(.text(Array(parts[1].utf8))) }
                    }
                    return Production(probability: weight / total, symbols: symbols)
                })
        }
    }

    /// Expected bits and bytes of a derivation of each rule.
    ///
    /// For a rule A with alternatives r: H(A) = Σ p_r (−log₂ p_r + Σ H(parts of r)) and likewise for the length, where a copy adds no bits and
    /// the expected length of its slot's rule (no choice depends on what a slot keeps). The system is linear with a
    /// non-negative matrix of spectral radius below 1: iterating from 0 converges from below.
    ///
    /// - Complexity: O(size of the grammar × iterations)
    func expectations() -> (bits: [Double], bytes: [Double]) {
        var bits = [Double](repeating: 0, count: rules.count)
        var bytes = bits
        for _ in 0 ..< 10_000 {
            var nextBits = bits
            var nextBytes = bytes
            for (index, productions) in rules.enumerated() {
                nextBits[index] = 0
                nextBytes[index] = 0
                for production in productions {
                    var innerBits = -log2(production.probability)
                    var innerBytes = 0.0
                    for symbol in production.symbols {
                        switch symbol {
                        case .text(let text): innerBytes += Double(text.count)
                        case .rule(let rule):
                            innerBits += bits[rule]
                            innerBytes += bytes[rule]
                        case .copy(let slot): innerBytes += bytes[slotRules[slot]]
                        case .beginSlot, .endSlot: break
                        }
                    }
                    nextBits[index] += production.probability * innerBits
                    nextBytes[index] += production.probability * innerBytes
                }
            }
            let isStable = nextBits == bits && nextBytes == bytes
            bits = nextBits
            bytes = nextBytes
            if isStable { break }
        }
        return (bits, bytes)
    }
}
