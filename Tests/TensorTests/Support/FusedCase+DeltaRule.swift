@testable import Tensor

extension FusedCase {
    /// Keys are so short that the rule contracts: β ‖k‖² stays below 2.
    static var deltaRules: [FusedCase] {
        [
            rule("gated", keyHeads: 2, heads: 2, keyWidth: 8, valueWidth: 16, decays: -2...0),
            rule("strongly decaying, odd widths", keyHeads: 1, heads: 1, keyWidth: 7, valueWidth: 5, decays: -60...0),
            rule("without decay, shared keys", keyHeads: 2, heads: 4, keyWidth: 6, valueWidth: 17, decays: nil),
            rule("wide", keyHeads: 1, heads: 2, keyWidth: 20, valueWidth: 33, decays: -0.1...0),
        ]
    }

    private static func rule(
        _ name: String, keyHeads: Int, heads: Int, keyWidth: Int, valueWidth: Int, decays: ClosedRange<Double>?
    ) -> FusedCase {
        let length = (1.5 / Double(keyWidth)).squareRoot()
        return FusedCase(
            name: "deltaRule, " + name,
            inputs: { tokens in
                [
                    ([2, tokens, keyHeads, keyWidth], -1...1), ([2, tokens, keyHeads, keyWidth], -length...length),
                    ([2, tokens, heads, valueWidth], -1...1), ([2, tokens, heads], 0...1),
                ] + (decays.map { [([2, tokens, heads], $0)] } ?? [])
            },
            fused: { deltaRule($0[0], $0[1], $0[2], beta: $0[3], logDecay: decays == nil ? nil : $0[4], scale: 0.5) },
            reference: {
                Reference.deltaRule(
                    $0[0], $0[1], $0[2], beta: $0[3], logDecay: decays == nil ? nil : $0[4], scale: 0.5)
            })
    }
}
