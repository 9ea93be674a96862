import PluginHost
public import SequenceModel
public import Training

/// How long a training step takes, in a few tries.
public enum StepTime {
    /// Seconds of the median of up to five steps (gradients, norm, AdamW) after one that is not timed, on text without structure; fewer
    /// where they take longer than `limitSeconds` together.
    ///
    /// - Parameters:
    ///   - model: bound, with gradients, to the memory of `optimizer`.
    ///   - clear: sets the gradients to zero.
    /// - Throws: what the model throws.
    public static func measure(
        _ model: any SequenceModel, rows: Int, length: Int, optimizer: AdamW, limitSeconds: Double, clear: () -> Void
    ) throws -> Double {
        let begin = Stopwatch()
        var times: [Double] = []
        for step in 0 ... 5 {
            let symbols = sampleText(rows * length + 1, alphabet: model.shape.alphabet)
            let tokens = Array(symbols.dropLast())
            let targets = model.description.capabilities.contains(.targetsInPlace) ? tokens : Array(symbols.dropFirst())
            let batch = Batch(
                rows: rows, length: length, tokens: tokens, targets: targets,
                key: RandomKey(seed: 0).split("step time").split(UInt64(step)))
            let watch = Stopwatch()
            clear()
            _ = try model.lossAndGradient(batch)
            let norm = optimizer.gradientNorm()
            // So small that nothing runs away; what is timed is the work.
            optimizer.update(step: step + 1, rate: 1e-6, gradientScale: norm.isFinite && norm > 1 ? 1 / norm : 1)
            model.parametersChanged()
            try model.postUpdate(step: step + 1)
            if step > 0 { times.append(watch.seconds) }
            if begin.seconds > limitSeconds {
                // The first alone, when that was too long already.
                if times.isEmpty { times.append(watch.seconds) }
                break
            }
        }
        return median(times) ?? 0
    }
}
