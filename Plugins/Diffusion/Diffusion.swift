// Paper: Simple and Effective Masked Diffusion Language Models, Sahoo et al. 2024, arXiv:2406.07524; equations 6 (sampler), 8 and 10 (NELBO).
//   With blocks: Block Diffusion, Arriola et al. 2025, arXiv:2503.09573; algorithms 1 (training in one pass) and 2 (sampling with a cache).
// Update: each hidden symbol is guessed from all visible ones; loss = mean over t of (1 / t) Σ over hidden −ln p(symbol | visible).
// Checked against: kuleshov-group/bd3lms@1c3e8f4 (backbone logits and all gradients).
// Deviations: no dropout, no moving average of the weights; scores hide exactly k symbols instead of drawing t (same expectation, no ε).

import Layers
import PluginKit
import SequenceModel
import Tensor

final class Diffusion<Form: DiffusionForm>: MaskedDiffusionModel {
    static var card: ModelCard { Form.card }
    static var samplers: [DiffusionSampler.Kind] { Form.samplers }
    static var probes: [Probe<Diffusion>] {
        [
            maskedEntropyProbe(
                { .small },
                expected: [
                    1.9798614, 1.9798614, 1.9788538, 1.9788889, 1.9796348, 1.9796348, 1.9793532, 1.9793856, 1.9793856,
                ])
        ]
    }

    let shape: ModelShape
    let backbone: DiffusionBackbone
    let configuration: DiffusionConfiguration<Form>
    let mask: Int32

    init(_ c: DiffusionConfiguration<Form>, _ p: Parameters) throws {
        configuration = c
        mask = Int32(c.maskTokenID)
        shape = ModelShape(vocabulary: c.vocabularySize, alphabet: c.vocabularySize - 1, maskSymbol: c.maskTokenID)
        backbone = try DiffusionBackbone(c, p)
    }

    var head: Linear { backbone.head }
    var blockSize: Int { configuration.blockSize }
    var scoreSamples: Int { configuration.scoreSamples }
    var scalarType: ScalarType { backbone.embedding.tensor.scalarType }

    func trainingDraw(_ batch: Batch) -> NoiseDraw {
        .training(
            batch, blockSize: blockSize, mask: mask, times: configuration.leastTime ... configuration.largestTime)
    }

    /// With blocks the clean text, as far as `batch` knows it, stands beside the noisy one.
    func trunk(_ noisy: [Int32], _ batch: Batch, times: [Double]) throws -> Tensor {
        let (rows, length) = (batch.rows, batch.length)
        guard blockSize > 0 else {
            return try backbone.trunk(Tokens(rows: rows, length: length, ids: noisy), times: times)
        }
        var pairs: [Int32] = []
        pairs.reserveCapacity(2 * noisy.count)
        for row in 0 ..< rows {
            let range = row * length ..< (row + 1) * length
            pairs += noisy[range]
            pairs += range.map { index in
                batch.tokens[index] == mask && !batch.targets.isEmpty && batch.targets[index] >= 0
                    ? batch.targets[index] : batch.tokens[index]
            }
        }
        return try backbone.trunk(Tokens(rows: rows, length: 2 * length, ids: pairs), times: times)
            .sliced(axis: 1, 0 ..< length)
    }

    func makeDecoder() throws -> (any BlockDecoding)? {
        // With time conditioning even the clean text looks different at another time.
        guard blockSize > 0, blockSize <= KeyValueCache.longestAppend, !configuration.timeConditioning else { return nil }
        return try BlockDecoder(backbone, blockSize: blockSize, alphabet: shape.alphabet)
    }
}
