public import Layers
public import SequenceModel
public import Tensor

/// A model that says what comes after each position, given the positions up to it: `logits(tokens)` is all it must have.
/// Loss, exact likelihood, prediction, sessions (slow ones: all of the text is computed anew at each step) and generation follow.
public protocol NextSymbolModel: TensorModel {
    /// [B, T] → [B, T, V]: row t speaks of the symbol after t and depends on symbols 0 ... t alone.
    func logits(_ tokens: Tokens) throws -> Tensor
    /// The last rows of the same, from position `position` on: [B, T − position, V]. Override it where that is cheaper.
    func logits(_ tokens: Tokens, from position: Int) throws -> Tensor
    /// Logits [R, V] of the rows `rows` (indices into B · T) of `tokens`.
    func logits(_ tokens: Tokens, rows: [Int32]) throws -> Tensor
    /// Nats [R] of `targets` [R] after `rows`, and, as a recorded scalar, their sum with `weights` [R] (nil: ones).
    func crossEntropy(_ tokens: Tokens, rows: [Int32], targets: [Int32], weights: [Double]?) throws -> (sum: Tensor, nats: [Double])
}

extension NextSymbolModel {
    /// Sessions compute all of the text anew.
    public static var capabilities: Capabilities { [.causal, .session, .recomputingSession, .predicts] }

    /// All logits, of which the first `position` are thrown away.
    public func logits(_ tokens: Tokens, from position: Int) throws -> Tensor {
        try logits(tokens).sliced(axis: 1, position ..< tokens.length)  // [B, T − position, V]
    }

    /// All logits, of which these are kept.
    public func logits(_ tokens: Tokens, rows: [Int32]) throws -> Tensor {
        let all = try logits(tokens)
        return all.reshaped([tokens.count, all.extent(-1)]).gatherRows(rows)  // [R, V]
    }

    /// From the logits [R, V] of the rows, without symbols beyond the alphabet.
    public func crossEntropy(
        _ tokens: Tokens, rows: [Int32], targets: [Int32], weights: [Double]?
    ) throws -> (sum: Tensor, nats: [Double]) {
        let chosen = try inAlphabet(logits(tokens, rows: rows))
        let nats = nextSymbolNats(chosen, targets)
        let factors = weights.map { Tensor($0, shape: [targets.count], type: nats.scalarType) }
        return ((factors.map { nats * $0 } ?? nats).sum(), nats.toArray())
    }

    /// The weighted sum of `crossEntropy` over the targets.
    public func loss(_ batch: Batch) throws -> Tensor {
        let wanted = Wanted(batch)
        return try crossEntropy(Tokens(batch), rows: wanted.rows, targets: wanted.targets, weights: wanted.weights).sum
    }

    /// Exact nats of each target; `samples` is without meaning.
    public func score(_ batch: Batch, samples: Int) throws -> Score {
        var nats = [Float](repeating: 0, count: batch.targets.count)
        let wanted = Wanted(batch)
        if !wanted.rows.isEmpty {
            let found = try crossEntropy(Tokens(batch), rows: wanted.rows, targets: wanted.targets, weights: nil).nats
            for (row, value) in zip(wanted.rows, found) { nats[Int(row)] = Float(value) }
        }
        return Score(nats: nats)
    }

    /// `logits` of the tokens.
    public func logits(_ batch: Batch) throws -> Tensor { try logits(Tokens(batch)) }

    /// The largest logit at each target, given the prefix.
    public func predict(_ batch: Batch) throws -> Prediction {
        var prediction = Prediction(
            symbols: [Int32](repeating: -1, count: batch.targets.count),
            logProbabilities: [Float](repeating: 0, count: batch.targets.count))
        let wanted = Wanted(batch)
        guard !wanted.rows.isEmpty else { return prediction }
        let best = try inAlphabet(logits(Tokens(batch), rows: wanted.rows)).mostLikely()
        for (row, choice) in zip(wanted.rows, best) {
            prediction.symbols[Int(row)] = Int32(choice.symbol)
            prediction.logProbabilities[Int(row)] = Float(choice.logProbability)
        }
        return prediction
    }

    /// A session that keeps the text and computes all of it anew.
    ///
    /// - Complexity: that of `logits` of the whole text for each append.
    public func openSession(rows: Int, scalarType: ScalarType) throws -> any SessionCore {
        RecomputingSession(self, rows: rows)
    }

    /// Logits without the symbols that cannot occur, so that probabilities sum to 1 over those that can.
    func inAlphabet(_ logits: Tensor) -> Tensor {
        shape.alphabet < logits.extent(-1) ? logits.sliced(axis: -1, 0 ..< shape.alphabet) : logits
    }
}

/// The positions of a batch that have a target.
struct Wanted {
    /// Indices into B · T.
    var rows: [Int32] = []
    var targets: [Int32] = []
    var weights: [Double]?

    init(_ batch: Batch) {
        for (index, target) in batch.targets.enumerated() where target >= 0 {
            rows.append(Int32(index))
            targets.append(target)
        }
        weights = batch.weights.map { weights in rows.map { Double(weights[Int($0)]) } }
    }
}

extension Tensor {
    /// The largest logit of each row of [R, V], with its log-probability.
    func mostLikely() -> [(symbol: Int, logProbability: Double)] {
        let width = extent(-1)
        let values = logSoftmax().toArray()
        return (0 ..< count / width).map { row in
            var best = row * width
            for index in row * width ..< (row + 1) * width where values[index] > values[best] { best = index }
            return (best - row * width, values[best])
        }
    }
}

/// `crossEntropy` of the tensor library, whose name a requirement of `NextSymbolModel` hides inside of it.
private func nextSymbolNats(_ logits: Tensor, _ targets: [Int32]) -> Tensor {
    crossEntropy(logits, targets: targets)
}
