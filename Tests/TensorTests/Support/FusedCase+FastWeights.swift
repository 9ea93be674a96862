@testable import Tensor

extension FusedCase {
    static var fastWeights: [FusedCase] {
        [
            training("one layer", [6, 6], chunk: 4),
            training("two layers, wide chunk", [5, 9, 5], chunk: 16),
            learning("one layer", [6, 6], chunk: 1),
            learning("two layers", [6, 11, 6], chunk: 8),
            learning("four layers", [4, 5, 3, 6, 4], chunk: 3),
            segment,
        ]
    }

    /// The rule of test-time training, with biases, GELU and a norm.
    private static func training(_ name: String, _ widths: [Int], chunk: Int) -> FusedCase {
        let network = FastNetwork(widths: widths, hasBias: true, usesGELU: true, chunk: chunk, normEpsilon: 0.1)
        return FusedCase(
            name: "fastWeights, test-time training, " + name,
            inputs: { tokens in
                vectors(tokens, widths[0]) + [
                    ([2, network.weightCount], -0.5...0.5), ([2, widths[0]], -1...1), ([2, widths[0]], -1...1),
                    ([2, tokens, 2], 0...0.1), ([chunk], 0...1),
                ]
            },
            fused: { x in
                Tensor.fastWeightsByPlaces(network, x, Tensor.fused)
            },
            reference: { x in
                Tensor.fastWeightsByPlaces(network, x, Reference.fastWeights)
            })
    }

    /// The rule of Titans, with SiLU, without biases and norm.
    private static func learning(_ name: String, _ widths: [Int], chunk: Int) -> FusedCase {
        let network = FastNetwork(widths: widths, hasBias: false, usesGELU: false, chunk: chunk, lossFactor: 2)
        return FusedCase(
            name: "fastWeights, Titans, " + name,
            inputs: { tokens in
                vectors(tokens, widths[0]) + [
                    ([2, network.weightCount], -0.5...0.5), ([2, tokens, 2], 0...0.05), ([2, tokens, 2], 0...0.8),
                    ([2, tokens, 2], 0...0.3),
                ]
            },
            fused: { x in Tensor.fastWeightsByMomentum(network, x, Tensor.fused) },
            reference: { x in Tensor.fastWeightsByMomentum(network, x, Reference.fastWeights) })
    }

    /// A single chunk between weights and momentum that are inputs and results.
    private static var segment: FusedCase {
        let network = FastNetwork(widths: [5, 8, 5], hasBias: false, usesGELU: false, chunk: 128, lossFactor: 2)
        func flat(_ found: (output: Tensor, weights: Tensor, momentum: Tensor)) -> Tensor {
            concatenate([found.output, found.weights, found.momentum].map { $0.reshaped([$0.count]) }, axis: 0)
        }
        return FusedCase(
            name: "fastWeights, a segment",
            inputs: { tokens in
                vectors(tokens, 5) + [
                    ([2, 2, network.weightCount], -0.5...0.5), ([2, 2, network.weightCount], -0.1...0.1),
                    ([2, tokens, 2], 0...0.01), ([2, tokens, 2], 0...0.8), ([2, tokens, 2], 0...0.3),
                ]
            },
            fused: { x in
                flat(
                    Tensor.segment(
                        network, x[0], x[1], x[2], from: x[3], x[4],
                        .momentum(rate: x[5], momentum: x[6], forgetting: x[7])))
            },
            reference: { x in
                flat(
                    Reference.fastWeights(
                        network, x[0], x[1], x[2], from: (x[3], x[4]), norm: nil,
                        rule: .momentum(rate: x[5], momentum: x[6], forgetting: x[7])))
            })
    }

    private static func vectors(_ tokens: Int, _ width: Int) -> [(shape: [Int], range: ClosedRange<Double>)] {
        [([2, tokens, 2, width], -0.7...0.7), ([2, tokens, 2, width], -0.7...0.7), ([2, tokens, 2, width], -1...1)]
    }
}

extension Tensor {
    typealias FastFunction = (
        FastNetwork, Tensor, Tensor, Tensor, Tensor, (weight: Tensor, bias: Tensor)?, FastRule
    ) -> Tensor

    /// The fused function under the reference's signature.
    static func fused(
        _ network: FastNetwork, _ q: Tensor, _ k: Tensor, _ v: Tensor, weights: Tensor,
        norm: (weight: Tensor, bias: Tensor)?, rule: FastRule
    ) -> Tensor {
        fastWeights(network, q, k, v, weights: weights, norm: norm, rule: rule)
    }

    static func segment(
        _ network: FastNetwork, _ q: Tensor, _ k: Tensor, _ v: Tensor, from weights: Tensor, _ momentum: Tensor, _ rule: FastRule
    ) -> (output: Tensor, weights: Tensor, momentum: Tensor) {
        fastWeights(network, q, k, v, from: weights, momentum, rule: rule)
    }

    static func fastWeightsByPlaces(_ network: FastNetwork, _ x: [Tensor], _ function: FastFunction) -> Tensor {
        function(network, x[0], x[1], x[2], x[3], (x[4], x[5]), .places(rate: x[6], places: x[7]))
    }

    static func fastWeightsByMomentum(_ network: FastNetwork, _ x: [Tensor], _ function: FastFunction) -> Tensor {
        function(network, x[0], x[1], x[2], x[3], nil, .momentum(rate: x[4], momentum: x[5], forgetting: x[6]))
    }
}
