// Paper: Language Modeling with Gated Convolutional Networks, Dauphin et al. 2016, arXiv:1612.08083, equation 1.
// Update: x ← x + W_out (conv(W_in n) ⊙ σ(W_gate n)), n = RMSNorm(x), conv a causal convolution of few taps over time.
// Checked against: itself (gradients by central differences, sessions against the whole text).
// Deviations: depthwise convolution, RMSNorm before each block, no weight normalisation, full softmax.

import Layers
import PluginKit
import SequenceModel
import Tensor

final class Minimal: CausalModel {
    static let card = ModelCard(
        id: "minimal", name: "Minimal", family: "convolution",
        summary: "Gated convolutions over the last few symbols.",
        paper: "Language Modeling with Gated Convolutional Networks (arXiv:1612.08083)")

    struct Configuration: ModelConfiguration {
        var vocabSize = 256
        var hiddenSize = 256
        var numHiddenLayers = 8
        var convKernel = 4
        /// Channels of the convolution.
        var intermediateSize = 256

        static let limits = ["num_hidden_layers": 1 ... 1024, "conv_kernel": 1 ... 64]

        static func sized(width: Int, for budget: Budget) -> Configuration {
            Configuration(vocabSize: budget.alphabet, hiddenSize: width, intermediateSize: width)
        }
        static var adjustable: WritableKeyPath<Configuration, Int>? { \.intermediateSize }
    }

    struct Block {
        let norm: RMSNorm
        let input: Linear
        let gate: Linear
        let convolution: ShortConvolution
        let output: Linear

        init(_ c: Configuration, _ p: Parameters) {
            norm = p.rmsNorm("norm", c.hiddenSize)
            input = p.linear("in_proj", c.hiddenSize, c.intermediateSize)
            gate = p.linear("gate_proj", c.hiddenSize, c.intermediateSize)
            convolution = p.shortConvolution("conv", channels: c.intermediateSize, width: c.convKernel)
            output = p.linear("out_proj", c.intermediateSize, c.hiddenSize)
        }

        /// [B, T, D] → [B, T, D]
        func callAsFunction(_ x: Tensor) -> Tensor {
            let n = norm(x)
            return x + output(convolution(input(n), silu: false) * gate(n).sigmoid())
        }
    }

    let embedding: Embedding
    let blocks: [Block]
    let norm: RMSNorm
    let head: Linear

    init(_ c: Configuration, _ p: Parameters) throws {
        embedding = p.embedding("embed", c.vocabSize, c.hiddenSize)
        blocks = p.layers("layers", c.numHiddenLayers) { p, _ in Block(c, p) }
        norm = p.rmsNorm("norm", c.hiddenSize)
        head = p.linear("head", c.hiddenSize, c.vocabSize)
    }

    func trunk(_ tokens: Tokens) throws -> Tensor {
        try norm(blocks.reduce(embedding(tokens)) { x, block in  // [B, T, D]
            try checkCancellation()
            return block(x)
        })
    }
}
