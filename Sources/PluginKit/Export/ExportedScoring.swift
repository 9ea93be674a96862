internal import CSequenceModel
internal import SequenceModel

/// `sm.score/1`
func scoreTable() -> sm_score {
    var table = sm_score()
    table.struct_size = UInt32(MemoryLayout<sm_score>.size)
    table.score = { handle, rows, samples, nats, result, error in
        answer(error) {
            let model = try instance(handle).model
            try requireArgument(isNull(nats), "nats")
            let score = try model.score(try batch(rows, targetsRequired: true), samples: Int(samples))
            for (index, value) in score.nats.enumerated() { nats[index] = value }
            guard let result else { return }
            var summary = sm_score_result()
            summary.samples = UInt32(clamping: score.samples)
            summary.estimator = score.estimator.isEmpty ? nil : Estimators.text(score.estimator)
            try writeSized(summary, to: result, "result")
        }
    }
    table.logits = { handle, rows, logits, error in
        answer(error) {
            let model = try instance(handle).model
            try requireArgument(isNull(logits), "logits")
            let batch = try batch(rows, targetsRequired: false)
            let count = try product(batch.rows, batch.length, model.shape.vocabulary)
            try model.logits(batch, into: UnsafeMutableBufferPointer(start: logits, count: count))
        }
    }
    table.predict = { handle, rows, symbols, logProbabilities, error in
        answer(error) {
            let model = try instance(handle).model
            try requireArgument(isNull(symbols), "symbols")
            let prediction = try model.predict(try batch(rows, targetsRequired: true))
            for (index, symbol) in prediction.symbols.enumerated() { symbols[index] = symbol }
            guard let logProbabilities else { return }
            for (index, value) in prediction.logProbabilities.enumerated() { logProbabilities[index] = value }
        }
    }
    return table
}

/// A product of sizes. Throws `.resourceExhausted` beyond what can be addressed.
func product(_ sizes: Int...) throws -> Int {
    var result = 1
    for size in sizes {
        let (next, overflow) = result.multipliedReportingOverflow(by: size)
        guard !overflow, next <= 1 << 46 else {
            throw SequenceModelError(.resourceExhausted, "\(sizes.map(String.init).joined(separator: " × ")) values")
        }
        result = next
    }
    return result
}

/// Names of estimators, which live as long as the process. A model has one or two.
private enum Estimators {
    /// Guarded by being written rarely and read through `text` only: instances are independent, so a lock is needed.
    nonisolated(unsafe) private static var known: [String: UnsafePointer<CChar>] = [:]
    private static let lock = SpinLock()

    static func text(_ name: String) -> UnsafePointer<CChar> {
        lock.locked {
            if let text = known[name] { return text }
            let text = UnsafePointer(permanentText(name))
            known[name] = text
            return text
        }
    }
}
