@testable import Tensor

extension FusedCase {
    static var stateSpaces: [FusedCase] { signedScans + convolutions + dualities }

    private static let signed = -1.0...1.0

    private static var signedScans: [FusedCase] {
        [(39, 16), (5, 3)].map { channels, states in
            FusedCase(
                name: "selectiveScan, eigenvalues in [-1, 1], \(channels) channels",
                inputs: {
                    [
                        ([2, $0, channels], signed), ([2, $0, channels], 0.01...0.9), ([channels, states], -2 ... -0.1),
                        ([2, $0, states], signed), ([2, $0, states], signed), ([channels], signed), ([2, $0, channels], signed),
                    ]
                },
                fused: {
                    selectiveScan(
                        u: $0[0], delta: $0[1], a: $0[2], b: $0[3], c: $0[4], d: $0[5], z: $0[6], eigenvalues: .minusOneToOne)
                },
                reference: {
                    Reference.selectiveScan(
                        u: $0[0], delta: $0[1], a: $0[2], b: $0[3], c: $0[4], d: $0[5], z: $0[6], eigenvalues: .minusOneToOne)
                })
        }
    }

    private static var convolutions: [FusedCase] {
        [5, 39].map { channels in
            FusedCase(
                name: "longConvolution, \(channels) channels", inputs: { [([3, $0, channels], signed), ([$0, channels], signed)] },
                fused: { longConvolution($0[0], filter: $0[1]) },
                reference: { Reference.longConvolution($0[0], filter: $0[1]) })
        } + [
            FusedCase(
                name: "longConvolution with a sum of exponentials",
                inputs: {
                    [
                        ([2, $0, 19], signed), ([19, 9], signed), ([19, 9], signed), ([19, 9], -0.5 ... -0.01), ([19, 9], -3...3),
                    ]
                },
                fused: { x in
                    longConvolution(
                        x[0],
                        filter: exponentialSums(
                            amplitude: ComplexTensor(real: x[1], imaginary: x[2]),
                            rate: ComplexTensor(real: x[3], imaginary: x[4]), length: x[0].shape[1]))
                },
                reference: { x in
                    Reference.longConvolution(
                        x[0],
                        filter: Reference.exponentialSums(
                            amplitude: ComplexTensor(real: x[1], imaginary: x[2]),
                            rate: ComplexTensor(real: x[3], imaginary: x[4]), length: x[0].shape[1]))
                })
        ]
    }

    /// Decays on both sides of 0.
    private static var dualities: [FusedCase] {
        [(heads: 4, groups: 2, width: 6, states: 5), (heads: 3, groups: 1, width: 16, states: 18)].map { shape in
            FusedCase(
                name: "stateSpaceDuality, \(shape.heads) heads",
                inputs: {
                    [
                        ([2, $0, shape.heads, shape.width], signed), ([2, $0, shape.heads], 0...1),
                        ([2, $0, shape.heads], -0.6...1), ([2, $0, shape.groups, shape.states], signed),
                        ([2, $0, shape.groups, shape.states], signed), ([shape.heads], signed),
                    ]
                },
                fused: { stateSpaceDuality($0[0], step: $0[1], decay: $0[2], b: $0[3], c: $0[4], skip: $0[5]) },
                reference: {
                    Reference.stateSpaceDuality($0[0], step: $0[1], decay: $0[2], b: $0[3], c: $0[4], skip: $0[5])
                })
        }
    }
}
