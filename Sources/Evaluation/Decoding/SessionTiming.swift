import SequenceModel

/// Times a model's session at one context.
struct SessionTiming {
    let model: any SequenceModel
    let context: Int
    let options: DecodeOptions

    func measure() throws -> DecodeMeasurement {
        let recomputes = model.description.capabilities.contains(.recomputingSession)
        var result = DecodeMeasurement(context: context, method: recomputes ? .recomputing : .session)
        if let limit = model.shape.maximumTokens, context + options.blockTokens + 1 > limit {
            result.reason = "this model takes at most \(limit) tokens"
            return result
        }
        do {
            try measure(into: &result)
        } catch let error as SequenceModelError where error.code == .resourceExhausted || error.code == .unimplemented {
            result.tokensPerSecond = nil
            result.reason = error.message
        }
        return result
    }

    private func measure(into result: inout DecodeMeasurement) throws {
        let watch = Stopwatch()
        var logits = [Float](repeating: 0, count: model.shape.vocabulary)  // [V]
        let session = try model.openSession(rows: 1)
        guard try prefill(session, &logits, watch, &result) else { return }
        result.prefillTokensPerSecond = Double(context) / watch.seconds
        result.stateBytes = try session.save().count

        // Blocks start at the same position where the session can go back, else from copies of it. The first token is not
        // timed: it finds out which, and pays for what the first single step sets up.
        var next = likeliest(logits)
        next = try step(session, next, &logits)
        var goesBack = true
        do {
            try session.rewind(to: context)
        } catch let error as SequenceModelError where error.code == .unimplemented {
            goesBack = false
        }

        var rates: [Double] = []
        for _ in 0 ..< options.blocks where rates.isEmpty || watch.seconds < options.budgetSeconds {
            let reader = goesBack ? session : try session.fork()
            let (count, seconds) = try block(reader, from: next, &logits, watch, isFirst: rates.isEmpty)
            if count == options.blockTokens || rates.isEmpty {
                rates.append(Double(count) / seconds)
                result.tokensMeasured += count
            }
            if goesBack { try session.rewind(to: context) }
        }
        result.tokensPerSecond = median(rates)
    }

    /// Reads the context; false, with the reason, when that takes longer than the budget.
    private func prefill(
        _ session: any SequenceSession, _ logits: inout [Float], _ watch: Stopwatch, _ result: inout DecodeMeasurement
    ) throws -> Bool {
        let text = sampleText(context, alphabet: model.shape.alphabet)
        var position = 0
        while position < context {
            let end = min(position + options.prefillChunk, context)
            try logits.withUnsafeMutableBufferPointer {
                try session.append(Array(text[position ..< end]), logits: end == context ? .last : .none, into: $0)
            }
            position = end
            if watch.seconds > options.budgetSeconds, position < context {
                result.reason = """
                    \(position) of \(context) tokens were read when the \(options.budgetSeconds) s for this context were spent
                    """
                return false
            }
        }
        return true
    }

    /// Appends single tokens until the block is full or, once it has one, the budget is spent.
    private func block(
        _ session: any SequenceSession, from first: Int32, _ logits: inout [Float], _ watch: Stopwatch, isFirst: Bool
    ) throws -> (count: Int, seconds: Double) {
        let blockWatch = Stopwatch()
        var next = first
        var count = 0
        while count < options.blockTokens, count == 0 || watch.seconds < options.budgetSeconds {
            next = try step(session, next, &logits)
            count += 1
        }
        return (count, blockWatch.seconds)
    }

    private func step(_ session: any SequenceSession, _ token: Int32, _ logits: inout [Float]) throws -> Int32 {
        try logits.withUnsafeMutableBufferPointer { try session.append([token], logits: .last, into: $0) }
        return likeliest(logits)
    }

    private func likeliest(_ logits: [Float]) -> Int32 {
        var best = 0
        for index in 1 ..< max(model.shape.alphabet, 1) where logits[index] > logits[best] { best = index }
        return Int32(best)
    }
}
