// Paper: Large Language Diffusion Models, Nie et al. 2025, arXiv:2502.09992; section 2 and appendices A, B (likelihood, sampling).
// Update: each symbol is hidden with probability t, t uniform for each text; loss = (1 / t) Σ over hidden −ln p(symbol | visible).
// Checked against: the model written out in double precision (`LLaDATests`); the published weights are behind another naming.
// Deviations: Llama's names for the tensors; no classifier-free guidance, no fine-tuning on answers.

import Layers
import PluginKit
import SequenceModel
import Tensor

final class LLaDA: MaskedDiffusionModel {
    static let card = ModelCard(
        id: "llada", name: "LLaDA", family: "diffusion",
        summary: "A Llama that sees both sides, trained to fill in hidden symbols, without being told how many are hidden.",
        paper: "Large Language Diffusion Models (arXiv:2502.09992)")
    static let samplers: [DiffusionSampler.Kind] = [.confidence, .ancestral, .firstHitting]
    static let probes: [Probe<LLaDA>] = [
        maskedEntropyProbe({ .small }, expected: [2.3923951, 2.3923951, 2.3918868, 2.3909109, 2.3896556, 2.3896556, 2.3882499, 2.3868349, 2.3868349])
    ]

    let shape: ModelShape
    let mask: Int32
    let head: Linear
    private let configuration: LLaDAConfiguration
    private let embedding: Embedding
    private let blocks: [BidirectionalBlock]
    private let norm: RMSNorm
    private let rotary: RotaryEmbedding

    init(_ c: LLaDAConfiguration, _ p: Parameters) throws {
        configuration = c
        mask = Int32(c.maskTokenID)
        shape = ModelShape(vocabulary: c.vocabularySize, alphabet: c.vocabularySize - 1, maskSymbol: c.maskTokenID)
        rotary = RotaryEmbedding(pairs: c.hiddenSize / c.headCount / 2, theta: c.ropeTheta)
        let model = p.scope("model")
        embedding = model.embedding("embed_tokens", c.vocabularySize, c.hiddenSize)
        blocks = model.layers("layers", c.layerCount) { p, _ in BidirectionalBlock(c, p) }
        norm = model.rmsNorm("norm", c.hiddenSize, epsilon: c.normEpsilon)
        head = p.linear("lm_head", c.hiddenSize, c.vocabularySize, initialiser: .normal(0.02))
    }

    let blockSize = 0
    var generationBlock: Int { configuration.generationBlock }
    var scoreSamples: Int { configuration.scoreSamples }
    var scalarType: ScalarType { embedding.weight.tensor.scalarType }

    func trainingDraw(_ batch: Batch) -> NoiseDraw { .training(batch, blockSize: 0, mask: mask, isStratified: false) }

    func loss(_ batch: Batch) throws -> Tensor { try estimatedLoss(cut(batch)) }

    /// Now and then the beginnings of all rows, of a length that is drawn, whose targets count for all that were cut off.
    private func cut(_ batch: Batch) -> Batch {
        var stream = batch.key.split("length").stream
        guard stream.uniform() < configuration.randomLengthProbability else { return batch }
        let length = 1 + stream.index(below: batch.length)
        let factor = Float(batch.length) / Float(length)
        func beginnings<Value>(_ values: [Value]) -> [Value] {
            (0 ..< batch.rows).flatMap { values[$0 * batch.length ..< $0 * batch.length + length] }
        }
        return Batch(
            rows: batch.rows, length: length, tokens: beginnings(batch.tokens), targets: beginnings(batch.targets),
            weights: batch.weights.map { beginnings($0).map { factor * $0 } }, key: batch.key)
    }

    func trunk(_ noisy: [Int32], _ batch: Batch, times: [Double]) throws -> Tensor {
        var x = embedding(Tokens(rows: batch.rows, length: batch.length, ids: noisy))  // [B, T, D]
        for block in blocks {
            try checkCancellation()
            x = block(x, rotary)
        }
        return norm(x)
    }
}
