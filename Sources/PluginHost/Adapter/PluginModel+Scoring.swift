import CSequenceModel
import SequenceModel

extension PluginModel {
    func score(_ batch: Batch, samples: Int) throws -> Score {
        guard let score = extensions.score?.score else { throw absent("score of \(SM_SCORE_1)") }
        guard let samples = UInt32(exactly: samples) else {
            throw SequenceModelError(.invalidArgument, "score: \(samples) samples; allowed: 0 to \(UInt32.max)")
        }
        var result = sm_score_result()
        result.struct_size = UInt32(MemoryLayout<sm_score_result>.size)
        result.samples = 1
        let nats = try batch.withForeign { batch in
            // What a plugin forgets to write shows as NaN, not as a good score.
            try filled(Float.nan, count: Int(batch.pointee.rows) * Int(batch.pointee.length)) { nats in
                try instance.errors.check("score") { score(instance.pointer, batch, samples, nats, &result, $0) }
            }
        }
        let estimator: String
        do {
            estimator = try ForeignString.readLine(result.estimator, "the estimator's name", maximumBytes: 256)
        } catch let fault as ForeignFault {
            throw SequenceModelError(.internal, "score: \(fault.message)")
        }
        return Score(nats: nats, samples: Int(result.samples), estimator: estimator)
    }

    func logits(_ batch: Batch, into logits: UnsafeMutableBufferPointer<Float>) throws {
        guard let function = extensions.score?.logits else { throw absent("logits of \(SM_SCORE_1)") }
        try batch.withForeign { foreign in
            let target = try checked(logits, count: batch.rows * batch.length, "logits")
            try instance.errors.check("logits") { function(instance.pointer, foreign, target, $0) }
        }
    }

    func predict(_ batch: Batch) throws -> Prediction {
        guard let predict = extensions.score?.predict else { throw absent("predict of \(SM_SCORE_1)") }
        return try batch.withForeign { batch in
            let count = Int(batch.pointee.rows) * Int(batch.pointee.length)
            var probabilities: [Float] = []
            let symbols = try filled(Int32(-1), count: count) { symbols in
                probabilities = try filled(Float(0), count: count) { probabilities in
                    try instance.errors.check("predict") {
                        predict(instance.pointer, batch, symbols, probabilities, $0)
                    }
                }
            }
            return Prediction(symbols: symbols, logProbabilities: probabilities)
        }
    }

    /// The start of `logits`, which must have room for `count` rows of V values.
    func checked(
        _ logits: UnsafeMutableBufferPointer<Float>, count: Int, _ function: String
    ) throws -> UnsafeMutablePointer<Float> {
        let (needed, overflow) = count.multipliedReportingOverflow(by: shape.vocabulary)
        guard !overflow, logits.count >= needed, let base = logits.baseAddress else {
            throw SequenceModelError(
                .invalidArgument,
                "\(function): room for \(logits.count) logits; \(count) × \(shape.vocabulary) are written")
        }
        return base
    }

    /// An array of `count` (at least 1) copies of `value` after `body` wrote to it.
    private func filled<Value>(
        _ value: Value, count: Int, _ body: (UnsafeMutablePointer<Value>) throws -> Void
    ) throws -> [Value] {
        var values = [Value](repeating: value, count: count)
        try values.withUnsafeMutableBufferPointer { buffer in
            if let base = buffer.baseAddress { try body(base) }
        }
        return values
    }
}
