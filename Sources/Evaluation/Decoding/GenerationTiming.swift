import SequenceModel

/// Times the sampler of a model that does not decode left to right: new symbols a second at one length of text.
struct GenerationTiming {
    let model: any SequenceModel
    let context: Int
    let options: DecodeOptions

    func measure() throws -> DecodeMeasurement {
        var result = DecodeMeasurement(context: context, method: .generation)
        if let limit = model.shape.maximumTokens, context > limit {
            result.reason = "this model takes at most \(limit) tokens"
            return result
        }
        let new = min(options.blockTokens, context)
        let prompt = sampleText(context - new, alphabet: model.shape.alphabet)
        let watch = Stopwatch()
        var rates: [Double] = []
        for repeatIndex in 0 ..< options.blocks where rates.isEmpty || watch.seconds < options.budgetSeconds {
            let request = GenerationRequest(
                prompt: prompt, newTokens: new, steps: options.steps, sampler: options.sampler,
                key: RandomKey(seed: 0).split("decode").split(UInt64(repeatIndex)))
            let repeatWatch = Stopwatch()
            var steps = StepTimes()
            do {
                try model.generate(request) { event in
                    if case .step(let index, let count) = event {
                        steps.begin(index, of: count, at: repeatWatch.seconds)
                    }
                    return watch.seconds < options.budgetSeconds || event == .done
                }
            } catch let error as SequenceModelError where error.code == .cancelled {
                guard watch.seconds >= options.budgetSeconds else { throw error }
                if rates.isEmpty { stop(after: steps, new, into: &result) }
                break
            } catch let error as SequenceModelError
                where error.code == .resourceExhausted || error.code == .unimplemented
            {
                result.reason = error.message
                break
            }
            rates.append(Double(new) / repeatWatch.seconds)
            result.tokensMeasured += new
        }
        result.tokensPerSecond = median(rates) ?? result.tokensPerSecond
        return result
    }

    /// The budget was spent before the first text was whole. Steps cost alike, so two or more of them say what all would.
    private func stop(after steps: StepTimes, _ new: Int, into result: inout DecodeMeasurement) {
        let done = "\(steps.done) of \(steps.count) steps for \(new) tokens were done when the "
        let spent = "\(options.budgetSeconds) s for this context were spent"
        if let seconds = steps.secondsPerStep {
            result.tokensPerSecond = Double(new) / (seconds * Double(steps.count))
            result.reason = "extrapolated: " + done + spent
        } else {
            result.reason = done + spent
        }
    }

    /// When the steps of one generation began.
    private struct StepTimes {
        private(set) var count = 0
        private var begins: [Double] = []

        mutating func begin(_ index: Int, of count: Int, at seconds: Double) {
            self.count = count
            begins.append(seconds)
        }

        /// Steps that are over.
        var done: Int { max(begins.count - 1, 0) }

        /// nil unless two steps are over.
        var secondsPerStep: Double? {
            guard done >= 2, let first = begins.first, let last = begins.last else { return nil }
            return (last - first) / Double(done)
        }
    }
}
