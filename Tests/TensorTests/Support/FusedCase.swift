@testable import Tensor

/// A fused operation with inputs for any number of tokens, and the same composed of simple operations.
struct FusedCase {
    let name: String
    /// Shapes and ranges of the inputs for T tokens.
    let inputs: (Int) -> [(shape: [Int], range: ClosedRange<Double>)]
    let fused: ([Tensor]) -> Tensor
    let reference: ([Tensor]) -> Tensor

    /// Random inputs whose values both kinds of number can hold.
    func values(tokens: Int) -> [[Double]] {
        var random = RandomNumbers(tokens)
        return inputs(tokens).map { shape, range in
            (0..<shape.reduce(1, *)).map { _ in Double(Float(random.uniform(range))) }
        }
    }

    func leaves(_ values: [[Double]], tokens: Int, _ type: ScalarType) -> [Tensor] {
        zip(values, inputs(tokens)).map { values, input in
            let tensor = Tensor(values, shape: input.shape, type: type)
            tensor.requiresGradient = true
            return tensor
        }
    }

    static var all: [FusedCase] { norms + positions + attentions + recurrences + deltaRules + losses + rwkv + candidates + stateSpaces + fastWeights + ranges }

    private static let signed = -1.0...1.0

    private static var norms: [FusedCase] {
        [
            FusedCase(
                name: "rmsNorm", inputs: { [([2, $0, 17], signed), ([17], signed)] },
                fused: { rmsNorm($0[0], weight: $0[1], epsilon: 1e-5) },
                reference: { Reference.rmsNorm($0[0], weight: $0[1], epsilon: 1e-5) }),
            FusedCase(
                name: "rmsNorm without weight", inputs: { [([$0, 5], signed)] },
                fused: { rmsNorm($0[0], epsilon: 1e-2) }, reference: { Reference.rmsNorm($0[0], epsilon: 1e-2) }),
            FusedCase(
                name: "layerNorm", inputs: { [([2, $0, 17], signed), ([17], signed), ([17], signed)] },
                fused: { layerNorm($0[0], weight: $0[1], bias: $0[2], epsilon: 1e-5) },
                reference: { Reference.layerNorm($0[0], weight: $0[1], bias: $0[2], epsilon: 1e-5) }),
            FusedCase(
                name: "layerNorm without bias", inputs: { [([$0, 6], signed), ([6], signed)] },
                fused: { layerNorm($0[0], weight: $0[1], epsilon: 1e-2) },
                reference: { Reference.layerNorm($0[0], weight: $0[1], epsilon: 1e-2) }),
            FusedCase(
                name: "layerNorm bare", inputs: { [([$0, 6], signed)] },
                fused: { layerNorm($0[0], epsilon: 1e-2) }, reference: { Reference.layerNorm($0[0], epsilon: 1e-2) }),
            FusedCase(
                name: "swiglu", inputs: { [([2, $0, 11], signed), ([2, $0, 11], signed)] },
                fused: { swiglu($0[0], $0[1]) }, reference: { Reference.swiglu($0[0], $0[1]) }),
            FusedCase(
                name: "swiglu of halves", inputs: { [([2, $0, 22], signed)] }, fused: { swiglu($0[0]) },
                reference: { Reference.swiglu($0[0].sliced(axis: 2, 0..<11), $0[0].sliced(axis: 2, 11..<22)) }),
        ]
    }

    /// Runs of one to five rows, some empty, of `tokens` rows.
    private static func runs(_ tokens: Int) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        var begin = 0
        while begin < tokens {
            let end = min(tokens, begin + 1 + (3 * runs.count + 2) % 5)
            runs.append(begin..<end)
            if runs.count % 4 == 1 { runs.append(end..<end) }
            begin = end
        }
        return runs
    }

    /// Where each row's run is; a row that none holds sees nothing.
    private static func runs(ofRows tokens: Int) -> [Range<Int>] {
        (0..<tokens).map { row in row % 7 == 3 ? 0..<0 : runs(tokens).first { $0.contains(row) } ?? 0..<0 }
    }

    private static var ranges: [FusedCase] {
        [
            FusedCase(
                name: "rangeAttention, rows to their run", inputs: { [([$0, 4, 5], signed), ([$0, 2, 5], signed), ([$0, 2, 3], signed)] },
                fused: { rangeAttention($0[0], $0[1], $0[2], ranges: runs(ofRows: $0[0].shape[0]), scale: 0.7) },
                reference: { Reference.rangeAttention($0[0], $0[1], $0[2], ranges: runs(ofRows: $0[0].shape[0]), scale: 0.7) }),
            FusedCase(
                name: "rangeAttention, runs to their rows",
                inputs: { [([runs($0).count, 2, 17], signed), ([$0, 2, 17], signed), ([$0, 2, 17], signed)] },
                fused: { rangeAttention($0[0], $0[1], $0[2], ranges: runs($0[1].shape[0]), scale: 2) },
                reference: { Reference.rangeAttention($0[0], $0[1], $0[2], ranges: runs($0[1].shape[0]), scale: 2) }),
            FusedCase(
                name: "segmentMaximum", inputs: { [([$0, 17], signed)] },
                fused: { segmentMaximum($0[0], segments: runs($0[0].shape[0])) },
                reference: { Reference.segmentMaximum($0[0], segments: runs($0[0].shape[0])) }),
        ]
    }

    private static var positions: [FusedCase] {
        [false, true].flatMap { interleaved in
            [
                FusedCase(
                    name: "rotary, interleaved \(interleaved)", inputs: { [([2, $0, 3, 8], signed)] },
                    fused: {
                        let (table, positions) = turn($0[0], pairs: 4)
                        return rotary($0[0], table, positions: positions, interleaved: interleaved)
                    },
                    reference: {
                        let (table, positions) = turn($0[0], pairs: 4)
                        return Reference.rotary($0[0], table, positions: positions, interleaved: interleaved)
                    }),
                FusedCase(
                    name: "rotary of a part, interleaved \(interleaved)", inputs: { [([2, $0, 3, 9], signed)] },
                    fused: {
                        let (table, positions) = turn($0[0], pairs: 3, shift: 5)
                        return rotary($0[0], table, positions: positions, interleaved: interleaved)
                    },
                    reference: {
                        let (table, positions) = turn($0[0], pairs: 3, shift: 5)
                        return Reference.rotary($0[0], table, positions: positions, interleaved: interleaved)
                    }),
            ]
        }
    }

    /// A table, and T positions, or B · T of which the second sequence's are shifted.
    private static func turn(_ x: Tensor, pairs: Int, shift: Int32 = 0) -> (RotaryTable, [Int32]) {
        let table = RotaryTable(pairs: pairs, theta: 100, maximumPositions: 128, type: x.scalarType)
        let positions = (0..<Int32(x.shape[1])).map { $0 }
        return (table, shift == 0 ? positions : positions + positions.map { $0 + shift })
    }

    private static func attending(
        _ name: String, heads: Int, groups: Int, keyWidth: Int = 8, valueWidth: Int = 8,
        keys: @escaping (Int) -> Int = { $0 },
        queries: @escaping (Int) -> Int = { $0 }, _ visibility: @escaping (Int) -> Visibility
    ) -> FusedCase {
        let scale = 1 / Double(keyWidth).squareRoot()
        return FusedCase(
            name: "attention, " + name,
            inputs: { tokens in
                [
                    ([2, queries(tokens), heads, keyWidth], -2...2), ([2, keys(tokens), groups, keyWidth], -2...2),
                    ([2, keys(tokens), groups, valueWidth], signed),
                ]
            },
            fused: { x in attention(x[0], x[1], x[2], visibility: visibility(tokens(x)), scale: scale) },
            reference: { x in
                Reference.attention(x[0], x[1], x[2], visibility: visibility(tokens(x)), scale: scale)
            })
        func tokens(_ x: [Tensor]) -> Int { (1...200).first { queries($0) == x[0].shape[1] } ?? 0 }
    }

    private static var attentions: [FusedCase] {
        [
            attending("causal", heads: 2, groups: 2) { .causal($0) },
            attending("causal, grouped, wide values", heads: 4, groups: 2, keyWidth: 6, valueWidth: 10) { .causal($0) },
            attending("causal, one key head, behind an offset", heads: 3, groups: 1, keys: { $0 + 7 }) {
                .causal($0, offset: 7)
            },
            attending("sliding", heads: 2, groups: 1) { .sliding($0, window: 5) },
            attending("full", heads: 1, groups: 1, keyWidth: 3, keys: { $0 + 2 }) { .full($0, $0 + 2) },
            attending("block diffusion", heads: 2, groups: 2, keys: { 2 * $0 }, queries: { 2 * $0 }) {
                .blockDiffusion($0, block: 4)
            },
            attending("two ranges, some rows blind", heads: 2, groups: 2) { tokens in
                Visibility(
                    (0..<tokens).map { row in
                        row % 3 == 0 ? (0..<0, 0..<0) : (row / 4..<row / 2 + 1, row / 2 + 1 + row / 8..<tokens)
                    }, keyCount: tokens)
            },
        ]
    }

    private static var candidates: [FusedCase] {
        [0, 2].map { visible in
            FusedCase(
                name: "candidateAttention, \(visible) visible",
                inputs: { tokens in
                    [([2, tokens, 2, 6], -2...2), ([2, tokens, 2, 6], -2...2), ([2, tokens, 2, 6], signed)]
                        + [([2, tokens + visible, 2, 6], -2...2), ([2, tokens + visible, 2, 6], signed)]
                },
                fused: {
                    candidateAttention(
                        $0[0], ownKey: $0[1], ownValue: $0[2], keys: $0[3], values: $0[4], visible: visible, scale: 0.4)
                },
                reference: {
                    Reference.candidateAttention(
                        $0[0], ownKey: $0[1], ownValue: $0[2], keys: $0[3], values: $0[4], visible: visible, scale: 0.4)
                })
        }
    }

    private static var recurrences: [FusedCase] {
        [true, false].map { silu in
            FusedCase(
                name: "causalConvolution, silu \(silu)",
                inputs: { [([2, $0, 39], signed), ([39, 1, 4], signed), ([39], signed)] },
                fused: { causalConvolution($0[0], weight: $0[1], bias: $0[2], silu: silu) },
                reference: { Reference.causalConvolution($0[0], weight: $0[1], bias: $0[2], silu: silu) })
        } + [
            FusedCase(
                name: "causalConvolution without bias, width 3",
                inputs: { [([2, $0, 5], signed), ([5, 1, 3], signed)] },
                fused: { causalConvolution($0[0], weight: $0[1], silu: true) },
                reference: { Reference.causalConvolution($0[0], weight: $0[1], silu: true) }),
            FusedCase(
                name: "selectiveScan", inputs: { scanInputs($0, 39, 16) + [([2, $0, 39], signed)] },
                fused: { selectiveScan(u: $0[0], delta: $0[1], a: $0[2], b: $0[3], c: $0[4], d: $0[5], z: $0[6]) },
                reference: {
                    Reference.selectiveScan(u: $0[0], delta: $0[1], a: $0[2], b: $0[3], c: $0[4], d: $0[5], z: $0[6])
                }),
            FusedCase(
                name: "selectiveScan without gate", inputs: { scanInputs($0, 5, 3) },
                fused: { selectiveScan(u: $0[0], delta: $0[1], a: $0[2], b: $0[3], c: $0[4], d: $0[5]) },
                reference: { Reference.selectiveScan(u: $0[0], delta: $0[1], a: $0[2], b: $0[3], c: $0[4], d: $0[5]) }),
        ]
    }

    private static func scanInputs(
        _ tokens: Int, _ channels: Int, _ states: Int
    ) -> [(shape: [Int], range: ClosedRange<Double>)] {
        [
            ([2, tokens, channels], signed), ([2, tokens, channels], 0.01...0.5), ([channels, states], -2 ... -0.1),
            ([2, tokens, states], signed), ([2, tokens, states], signed), ([channels], signed),
        ]
    }

    private static var losses: [FusedCase] {
        func targets(_ rows: Int) -> [Int32] { (0..<Int32(rows)).map { $0 % 5 == 3 ? -1 : $0 * 7 % 11 } }
        func weights(_ rows: Int) -> [Double] { (0..<rows).map { 0.5 * Double($0 % 7) - 1 } }
        return [
            FusedCase(
                name: "crossEntropy", inputs: { [([$0, 11], -3...3)] },
                fused: { crossEntropy($0[0], targets: targets($0[0].shape[0])) },
                reference: { Reference.crossEntropy($0[0], targets: targets($0[0].shape[0])) }),
            FusedCase(
                name: "linearCrossEntropy", inputs: { [([$0, 6], signed), ([11, 6], signed), ([11], signed)] },
                fused: {
                    let rows = $0[0].shape[0]
                    return linearCrossEntropy(
                        $0[0], weight: $0[1], bias: $0[2], targets: targets(rows), weights: weights(rows)
                    ).sum
                },
                reference: {
                    let rows = $0[0].shape[0]
                    return Reference.linearCrossEntropy(
                        $0[0], weight: $0[1], bias: $0[2], targets: targets(rows), weights: weights(rows))
                }),
            FusedCase(
                name: "linearCrossEntropy without bias and weights",
                inputs: { [([$0, 6], signed), ([11, 6], signed)] },
                fused: { linearCrossEntropy($0[0], weight: $0[1], targets: targets($0[0].shape[0])).sum },
                reference: { Reference.linearCrossEntropy($0[0], weight: $0[1], targets: targets($0[0].shape[0])) }),
        ]
    }
}
