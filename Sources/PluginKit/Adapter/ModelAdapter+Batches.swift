internal import Layers
internal import SequenceModel
internal import Tensor

extension ModelAdapter {
    func loss(_ batch: Batch) throws -> Double { try loss(batch, differentiate: false) }

    func lossAndGradient(_ batch: Batch) throws -> Double {
        try checkBound()
        guard hasGradients else { throw SequenceModelError(.failedPrecondition, "the model was bound without gradients") }
        return try loss(batch, differentiate: true)
    }

    private func loss(_ batch: Batch, differentiate: Bool) throws -> Double {
        try check(batch)
        let targets = batch.targetCount
        guard targets > 0 else { return 0 }
        // Without weights each target counts 1 / (number of targets): a factor on the whole, exact in double precision.
        let scale = batch.weights == nil ? 1 / Double(targets) : 1
        var weighted = batch
        weighted.weights = batch.weights ?? [Float](repeating: 1, count: batch.targets.count)
        return try execution.running {
            var sum = 0.0
            for part in parts(of: weighted, tokensAtOnce: tokensAtOnceTraining) where part.targetCount > 0 {
                try checkCancellation()
                sum += try differentiate
                    ? differentiatedLoss(part, scale: scale) : Execution.withoutRecording { try model.loss(part).item }
            }
            return sum * scale
        }
    }

    /// A function of its own, so that the graph goes before the next part begins.
    private func differentiatedLoss(_ part: Batch, scale: Double) throws -> Double {
        let loss = try model.loss(part)
        try checkCancellation()
        backward(loss, seed: scale)
        return loss.item
    }

    func score(_ batch: Batch, samples: Int) throws -> Score {
        try check(batch)
        return try context.run {
            var score = Score(nats: [])
            for part in parts(of: batch, tokensAtOnce: tokensAtOnceScoring) {
                try checkCancellation()
                let found = try model.score(part, samples: samples)
                score.nats += found.nats
                score.samples = found.samples
                score.estimator = found.estimator
            }
            return score
        }
    }

    func logits(_ batch: Batch, into logits: UnsafeMutableBufferPointer<Float>) throws {
        try check(batch, targetsRequired: false)
        let places = try product(batch.rows, batch.length, shape.vocabulary)
        guard logits.count >= places else {
            throw SequenceModelError(.invalidArgument, "logits has \(logits.count) places; \(places) are needed")
        }
        try context.run {
            var begin = 0
            for part in parts(of: batch, tokensAtOnce: tokensAtOnceScoring) {
                try checkCancellation()
                let found = try model.logits(part)
                found.copyFloats(to: UnsafeMutableBufferPointer(rebasing: logits[begin ..< begin + found.count]))
                begin += found.count
            }
        }
    }

    func predict(_ batch: Batch) throws -> Prediction {
        try check(batch)
        return try context.run {
            var prediction = Prediction(symbols: [], logProbabilities: [])
            for part in parts(of: batch, tokensAtOnce: tokensAtOnceScoring) {
                try checkCancellation()
                let found = try model.predict(part)
                prediction.symbols += found.symbols
                prediction.logProbabilities += found.logProbabilities
            }
            return prediction
        }
    }

    private func check(_ batch: Batch, targetsRequired: Bool = true) throws {
        try checkBound()
        try batch.validate(for: shape)
        if targetsRequired, batch.targets.isEmpty { throw SequenceModelError(.invalidArgument, "the batch has no targets") }
    }

    /// The rows of a batch in groups of about `tokensAtOnce` tokens, where rows count for themselves. Cut by the batch's shape alone.
    private func parts(of batch: Batch, tokensAtOnce: Int) -> [Batch] {
        let rows = max(1, tokensAtOnce / batch.length)
        guard Model.rowsAreIndependent, rows < batch.rows else { return [batch] }
        return stride(from: 0, to: batch.rows, by: rows).map { first in
            let last = min(first + rows, batch.rows)
            let range = first * batch.length ..< last * batch.length
            return Batch(
                rows: last - first, length: batch.length, tokens: Array(batch.tokens[range]),
                targets: batch.targets.isEmpty ? [] : Array(batch.targets[range]),
                weights: batch.weights.map { Array($0[range]) }, key: batch.key)
        }
    }
}

/// Tokens of a batch whose activations are kept at a time. Enough for full speed of the matrix products.
private let tokensAtOnceTraining = 4096
private let tokensAtOnceScoring = 4096
