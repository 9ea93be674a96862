// Paper: Simple and Effective Masked Diffusion Language Models, Sahoo et al. 2024, arXiv:2406.07524; equations 6 (sampler), 8 and 10 (NELBO).
//   With blocks: Block Diffusion, Arriola et al. 2025, arXiv:2503.09573.
// Update: each hidden symbol is guessed from all visible ones; loss = mean over t of (1 / t) Σ over hidden −ln p(symbol | visible).
// Checked against: kuleshov-group/bd3lms@1c3e8f4 (backbone logits and all gradients).
// Deviations: no dropout, no moving average of the weights; scores hide exactly k symbols instead of drawing t (same expectation, no ε).

import Layers
import PluginKit
import SequenceModel
import Tensor

final class Diffusion: TensorModel {
    static let card = ModelCard(
        id: "diffusion", name: "Masked diffusion", family: "diffusion",
        summary: "Fills in hidden symbols from both sides, in any order, over several steps; its likelihood is a bound.",
        paper: "Simple and Effective Masked Diffusion Language Models (arXiv:2406.07524)",
        modelTypes: ["mdlm", "bd3lm"])
    static let probes: [Probe<Diffusion>] = [
        Probe(
            "masked_entropy", "Entropy of what is guessed at a hidden position, mean, by the part of the text that is hidden.",
            axes: [.named("hidden", hiddenParts.map { "\($0)" })], unit: "nats",
            test: .init({ .small }, expected: [
                    1.9798614, 1.9798614, 1.9788538, 1.9788889, 1.9796348, 1.9796348, 1.9793532, 1.9793856, 1.9793856,
                ])
        ) { model, batch in try model.maskedEntropy(batch) }
    ]
    /// Parts of a text at which `masked_entropy` looks.
    static let hiddenParts = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    static let likelihood = Likelihood.upperBound
    static let capabilities: Capabilities = [.generates, .predicts, .targetsInPlace, .stochasticLoss]
    /// The times of a batch's rows are drawn together.
    static let rowsAreIndependent = false

    let shape: ModelShape
    let backbone: DiffusionBackbone
    private let configuration: DiffusionConfiguration
    let mask: Int32

    init(_ c: DiffusionConfiguration, _ p: Parameters) throws {
        configuration = c
        mask = Int32(c.maskTokenID)
        shape = ModelShape(vocabulary: c.vocabularySize, alphabet: c.vocabularySize - 1, maskSymbol: c.maskTokenID)
        backbone = try DiffusionBackbone(c, p)
    }

    func loss(_ batch: Batch) throws -> Tensor {
        let draw = NoiseDraw.training(batch, blockSize: configuration.blockSize, mask: mask)
        let weights = zip(draw.weights, batch.weights ?? []).map { $0 * Double($1) }
        return try crossEntropy(batch, draw, weights: weights).sum
    }

    func score(_ batch: Batch, samples: Int) throws -> Score {
        let count = samples > 0 ? samples : configuration.scoreSamples
        var nats = [Double](repeating: 0, count: batch.targets.count)
        for index in 0 ..< count {
            let draw = NoiseDraw.scoring(
                batch, sample: index, of: count, blockSize: configuration.blockSize, mask: mask)
            let found = try crossEntropy(batch, draw, weights: nil)
            for (row, value) in zip(found.rows, found.nats) {
                nats[Int(row)] += value * draw.weights[Int(row)] / Double(count)
            }
        }
        return Score(
            nats: nats.map(Float.init), samples: count,
            estimator: "exact-k Monte Carlo: k of n symbols hidden, k uniform and stratified, weight n / k")
    }

    func logits(_ batch: Batch) throws -> Tensor {
        backbone.head(try trunk(batch.tokens, batch, times: hiddenParts(batch.tokens, batch.length)))  // [B, T, V]
    }

    func predict(_ batch: Batch) throws -> Prediction {
        let draw = NoiseDraw.everything(batch, mask: mask)
        let hidden = draw.tokens.indices.filter { draw.targets[$0] >= 0 }.map(Int32.init)
        var prediction = Prediction(
            symbols: [Int32](repeating: -1, count: batch.targets.count),
            logProbabilities: [Float](repeating: 0, count: batch.targets.count))
        guard !hidden.isEmpty else { return prediction }
        // The symbols asked for must not reach the network as the clean half either.
        let shown = Batch(rows: batch.rows, length: batch.length, tokens: draw.tokens)
        let logs = try alphabetLogits(shown, times: draw.times, rows: hidden).logSoftmax().toArray()
        for (index, row) in hidden.enumerated() {
            let range = index * shape.alphabet ..< (index + 1) * shape.alphabet
            let best = range.max { logs[$0] < logs[$1] } ?? range.lowerBound
            prediction.symbols[Int(row)] = Int32(best - range.lowerBound)
            prediction.logProbabilities[Int(row)] = Float(logs[best])
        }
        return prediction
    }

    func generate(_ request: GenerationRequest, sink: (GenerationEvent) -> Bool) throws {
        let name = request.sampler ?? DiffusionSampler.Kind.allCases[0].rawValue
        guard let kind = DiffusionSampler.Kind(rawValue: name) else {
            let known = DiffusionSampler.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw SequenceModelError(.invalidArgument, "sampler is \"\(name)\"; allowed: \(known)")
        }
        var text = request.prompt + [Int32](repeating: mask, count: request.newTokens)
        func tell(_ event: GenerationEvent) throws {
            guard sink(event) else { throw SequenceModelError(.cancelled, "stopped by the receiver") }
        }
        if request.newTokens > 0 { try tell(.append([Int32](repeating: mask, count: request.newTokens))) }
        let blockSize = configuration.blockSize > 0 ? configuration.blockSize : max(text.count, 1)
        let blocks = stride(from: 0, to: text.count, by: blockSize).map { start in
            (start ..< min(start + blockSize, text.count)).filter { text[$0] == mask }
        }.filter { !$0.isEmpty }
        let hidden = blocks.reduce(0) { $0 + $1.count }
        // Left open: one evaluation for every second symbol.
        let wanted = request.steps > 0 ? request.steps : max(1, (hidden + 1) / 2)
        let steps = blocks.map { max(1, min($0.count, wanted * $0.count / max(hidden, 1))) }
        var sampler = DiffusionSampler(
            kind: kind, temperature: request.temperature, mask: mask, stream: request.key.split("sample").stream)
        var done = 0
        for (positions, count) in zip(blocks, steps) {
            try sampler.fill(
                &text, hidden: positions, steps: count, firstStep: done, allSteps: steps.reduce(0, +),
                logits: { text, positions in
                    let batch = Batch(rows: 1, length: text.count, tokens: text)
                    let logits = try alphabetLogits(
                        batch, times: hiddenParts(text, text.count), rows: positions.map(Int32.init))
                    return logits.toArray().map(Float.init)
                }, report: sink)
            done += count
        }
        try tell(.done)
    }

    /// Nats at the hidden positions of `draw`, and their sum with `weights` [B, T].
    private func crossEntropy(
        _ batch: Batch, _ draw: NoiseDraw, weights: [Double]?
    ) throws -> (rows: [Int32], sum: Tensor, nats: [Double]) {
        let rows = draw.targets.indices.filter { draw.targets[$0] >= 0 }.map(Int32.init)
        let type = backbone.embedding.tensor.scalarType
        guard !rows.isEmpty else { return ([], .zeros([], type), []) }
        let x = try trunk(draw.tokens, batch, times: draw.times).reshaped([batch.tokens.count, configuration.hiddenSize])
        try checkCancellation()
        let found = linearCrossEntropy(
            x.gatherRows(rows), weight: backbone.head.weight.tensor, bias: maskedBias(type),
            targets: rows.map { draw.targets[Int($0)] }, weights: weights.map { all in rows.map { all[Int($0)] } })
        return (rows, found.sum, found.nats)
    }

    /// Logits [R, alphabet] of the rows `rows` (indices into B · T): the mask symbol is not among what may be said.
    func alphabetLogits(_ batch: Batch, times: [Double], rows: [Int32]) throws -> Tensor {
        let x = try trunk(batch.tokens, batch, times: times).reshaped([batch.tokens.count, configuration.hiddenSize])
        return backbone.head(x.gatherRows(rows)).sliced(axis: 1, 0 ..< shape.alphabet)
    }

    /// The network on `noisy` [B, T]; with blocks the clean text, as far as `batch` knows it, stands beside it. → [B, T, D]
    private func trunk(_ noisy: [Int32], _ batch: Batch, times: [Double]) throws -> Tensor {
        let (rows, length) = (batch.rows, batch.length)
        guard configuration.blockSize > 0 else {
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

    /// The head's bias with the mask symbol out of reach (SUBS: it has no probability).
    private func maskedBias(_ type: ScalarType) -> Tensor? {
        var wall = [Double](repeating: 0, count: shape.vocabulary)
        wall[Int(mask)] = -1e6
        return backbone.head.bias.map { $0.tensor + Tensor(wall, shape: [shape.vocabulary], type: type) }
    }

    /// The hidden part of each row of `tokens`.
    private func hiddenParts(_ tokens: [Int32], _ length: Int) -> [Double] {
        stride(from: 0, to: tokens.count, by: length).map { start in
            Double(tokens[start ..< start + length].filter { $0 == mask }.count) / Double(length)
        }
    }
}
