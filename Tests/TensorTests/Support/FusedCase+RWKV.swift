@testable import Tensor

extension FusedCase {
    /// What RWKV-4 and RWKV-7 are made of.
    static var rwkv: [FusedCase] {
        shifts + averages + [(3, 5, 0.4), (1, 18, 0.2)].map { deltaRule(heads: $0.0, size: $0.1, removal: $0.2) } + elements
            + [readout(heads: 3, size: 5), readout(heads: 1, size: 17)]
    }

    private static let signed = -1.0...1.0

    private static var shifts: [FusedCase] {
        [ShiftWeight.ofPrevious, .ofCurrent].flatMap { weight in
            [
                FusedCase(
                    name: "tokenShift \(weight)", inputs: { [([2, $0, 19], signed), ([1, 1, 19], 0...1)] },
                    fused: { tokenShift($0[0], mix: $0[1], weight: weight) },
                    reference: { Reference.tokenShift($0[0], mix: $0[1], weight: weight) }),
                FusedCase(
                    name: "tokenShift \(weight), continued", inputs: { [([2, $0, 5], signed), ([5], 0...1)] },
                    fused: { tokenShift($0[0], mix: $0[1], weight: weight, after: previous($0[0])) },
                    reference: { Reference.tokenShift($0[0], mix: $0[1], weight: weight, after: previous($0[0])) }),
            ]
        }
    }

    private static func previous(_ x: Tensor) -> Tensor {
        Tensor((0..<10).map { Double($0) / 8 }, shape: [2, 1, 5], type: x.scalarType)
    }

    /// More channels than two vectors hold, and keys large enough for one token to outweigh all others (larger ones, whose rounding alone is
    /// beyond the tolerance in single precision: `RWKVTests`).
    private static var averages: [FusedCase] {
        [(39, signed), (3, -3.0...3.0)].map { channels, keys in
            FusedCase(
                name: "wkv4 of \(channels) channels",
                inputs: {
                    [
                        ([channels], -2 ... -0.01), ([channels], signed), ([2, $0, channels], keys),
                        ([2, $0, channels], signed),
                    ]
                },
                fused: { wkv4(decay: $0[0], first: $0[1], key: $0[2], value: $0[3]) },
                reference: { Reference.wkv4(decay: $0[0], first: $0[1], key: $0[2], value: $0[3]) })
        }
    }

    private static func deltaRule(heads: Int, size: Int, removal: Double) -> FusedCase {
        FusedCase(
            name: "wkv7 of \(heads) heads of \(size)",
            inputs: { tokens in
                [signed, 0.55...1, signed, signed, -removal...removal, 0...1].map { ([2, tokens, heads, size], $0) }
            },
            fused: { wkv7(receptance: $0[0], decay: $0[1], key: $0[2], value: $0[3], removal: $0[4], rate: $0[5]) },
            reference: {
                Reference.wkv7(receptance: $0[0], decay: $0[1], key: $0[2], value: $0[3], removal: $0[4], rate: $0[5])
            })
    }

    private static var elements: [FusedCase] {
        [
            FusedCase(
                name: "sigmoidGated", inputs: { [([$0, 7], signed), ([$0, 7], -3...3)] },
                fused: { sigmoidGated($0[0], by: $0[1]) }, reference: { $0[0] * $0[1].sigmoid() }),
            FusedCase(
                name: "valueResidual", inputs: { [([$0, 7], signed), ([$0, 7], signed), ([$0, 7], -3...3)] },
                fused: { valueResidual($0[0], first: $0[1], gate: $0[2]) },
                reference: {
                    let open = $0[2].sigmoid()
                    return $0[0] * (1 - open) + $0[1] * open
                }),
            FusedCase(
                name: "replacementKey", inputs: { [([2, $0, 7], signed), ([2, $0, 7], 0...1), ([1, 1, 7], signed)] },
                fused: { replacementKey($0[0], rate: $0[1], share: $0[2]) },
                reference: { $0[0] - $0[0] * $0[2] + $0[0] * $0[1] * $0[2] }),
        ]
    }

    private static func readout(heads: Int, size: Int) -> FusedCase {
        FusedCase(
            name: "wkv7Readout of \(heads) heads of \(size)",
            inputs: { tokens in
                (0..<5).map { _ in ([2, tokens, heads, size], signed) } + [
                    ([heads * size], signed), ([heads * size], signed), ([heads, size], signed),
                ]
            },
            fused: {
                wkv7Readout(
                    $0[0], receptance: $0[1], key: $0[2], value: $0[3], gate: $0[4], weight: $0[5], bias: $0[6],
                    bonus: $0[7], epsilon: 1e-2)
            },
            reference: {
                Reference.wkv7Readout(
                    $0[0], receptance: $0[1], key: $0[2], value: $0[3], gate: $0[4], weight: $0[5], bias: $0[6],
                    bonus: $0[7], epsilon: 1e-2)
            })
    }
}
