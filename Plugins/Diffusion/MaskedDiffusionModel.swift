import Layers
import PluginKit
import SequenceModel
import Tensor

/// A model that learns to fill in hidden symbols: what follows from its network, whichever that is.
protocol MaskedDiffusionModel: TensorModel {
    /// How it generates; the first is used when nobody says.
    static var samplers: [DiffusionSampler.Kind] { get }
    /// D → V
    var head: Linear { get }
    /// The symbol that stands for "hidden".
    var mask: Int32 { get }
    /// 0: the whole text. Otherwise blocks of so many symbols, each given those before it.
    var blockSize: Int { get }
    /// Network evaluations behind a score when the caller leaves the number open.
    var scoreSamples: Int { get }
    var scalarType: ScalarType { get }
    /// Symbols that are filled in before those after them; as `blockSize` unless the model says otherwise.
    var generationBlock: Int { get }

    /// What is hidden in one step of training.
    func trainingDraw(_ batch: Batch) -> NoiseDraw
    /// The network on `noisy` [B, T], hidden symbols as the mask symbol: [B, T, D]. `times`: the hidden part of each row.
    func trunk(_ noisy: [Int32], _ batch: Batch, times: [Double]) throws -> Tensor
    /// For one text; nil where nothing can be kept from one evaluation to the next.
    func makeDecoder() throws -> (any BlockDecoding)?
}

extension MaskedDiffusionModel {
    static var likelihood: Likelihood { .upperBound }
    static var capabilities: Capabilities { [.generates, .predicts, .targetsInPlace, .stochasticLoss] }
    /// The times of a batch's rows are drawn together.
    static var rowsAreIndependent: Bool { false }
    var generationBlock: Int { blockSize }
    func makeDecoder() throws -> (any BlockDecoding)? { nil }

    func loss(_ batch: Batch) throws -> Tensor { try estimatedLoss(batch) }

    /// The weighted sum over what one draw of `trainingDraw` hides.
    func estimatedLoss(_ batch: Batch) throws -> Tensor {
        let draw = trainingDraw(batch)
        let weights = zip(draw.weights, batch.weights ?? []).map { $0 * Double($1) }
        return try crossEntropy(batch, draw, weights: weights).sum
    }

    func score(_ batch: Batch, samples: Int) throws -> Score {
        // Blocks of one symbol leave no order to choose: every draw is the same, and exact.
        let isExact = blockSize == 1
        let count = isExact ? 1 : samples > 0 ? samples : scoreSamples
        var nats = [Double](repeating: 0, count: batch.targets.count)
        for index in 0 ..< count {
            let draw = NoiseDraw.scoring(
                batch, sample: index, of: count, blockSize: blockSize, mask: mask)
            let found = try crossEntropy(batch, draw, weights: nil)
            for (row, value) in zip(found.rows, found.nats) {
                nats[Int(row)] += value * draw.weights[Int(row)] / Double(count)
            }
        }
        return Score(
            nats: nats.map(Float.init), samples: count,
            estimator: isExact
                ? "exact: each symbol given those before it"
                : "exact-k Monte Carlo: k of n symbols hidden, k uniform and stratified, weight n / k")
    }

    func logits(_ batch: Batch) throws -> Tensor {
        head(try trunk(batch.tokens, batch, times: hiddenParts(batch.tokens, batch.length)))  // [B, T, V]
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

    /// Nats at the hidden positions of `draw`, and their sum with `weights` [B, T].
    private func crossEntropy(
        _ batch: Batch, _ draw: NoiseDraw, weights: [Double]?
    ) throws -> (rows: [Int32], sum: Tensor, nats: [Double]) {
        let rows = draw.targets.indices.filter { draw.targets[$0] >= 0 }.map(Int32.init)
        let type = scalarType
        guard !rows.isEmpty else { return ([], .zeros([], type), []) }
        let x = try trunk(draw.tokens, batch, times: draw.times).reshaped([batch.tokens.count, head.inputs])
        try checkCancellation()
        let found = linearCrossEntropy(
            x.gatherRows(rows), weight: head.weight.tensor, bias: maskedBias(type),
            targets: rows.map { draw.targets[Int($0)] }, weights: weights.map { all in rows.map { all[Int($0)] } })
        return (rows, found.sum, found.nats)
    }

    /// Logits [R, alphabet] of the rows `rows` (indices into B · T): the mask symbol is not among what may be said.
    func alphabetLogits(_ batch: Batch, times: [Double], rows: [Int32]) throws -> Tensor {
        let x = try trunk(batch.tokens, batch, times: times).reshaped([batch.tokens.count, head.inputs])
        return head(x.gatherRows(rows)).sliced(axis: 1, 0 ..< shape.alphabet)
    }

    /// The head's bias with the mask symbol out of reach (SUBS: it has no probability).
    private func maskedBias(_ type: ScalarType) -> Tensor {
        var wall = [Double](repeating: 0, count: shape.vocabulary)
        wall[Int(mask)] = -1e6
        let tensor = Tensor(wall, shape: [shape.vocabulary], type: type)
        return head.bias.map { $0.tensor + tensor } ?? tensor
    }

    /// The hidden part of each row of `tokens`.
    func hiddenParts(_ tokens: [Int32], _ length: Int) -> [Double] {
        stride(from: 0, to: tokens.count, by: length).map { start in
            Double(tokens[start ..< start + length].filter { $0 == mask }.count) / Double(length)
        }
    }
}
