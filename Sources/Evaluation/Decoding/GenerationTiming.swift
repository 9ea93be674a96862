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
        for repeatIndex in 0..<options.blocks where rates.isEmpty || watch.seconds < options.budgetSeconds {
            let request = GenerationRequest(
                prompt: prompt, newTokens: new, key: RandomKey(seed: 0).split("decode").split(UInt64(repeatIndex)))
            let repeatWatch = Stopwatch()
            var progress = (step: 0, steps: 0)
            do {
                try model.generate(request) { event in
                    if case .step(let index, let count) = event { progress = (index, count) }
                    return watch.seconds < options.budgetSeconds || event == .done
                }
            } catch let error as SequenceModelError where error.code == .cancelled {
                guard watch.seconds >= options.budgetSeconds else { throw error }
                if rates.isEmpty {
                    result.reason = """
                        \(progress.step) of \(progress.steps) steps for \(new) tokens were done when the \
                        \(options.budgetSeconds) s for this context were spent
                        """
                }
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
        result.tokensPerSecond = median(rates)
        return result
    }
}
