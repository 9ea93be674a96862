import PluginHost
public import SequenceModel

/// How fast a model trains, and what of the machine's matrix rate that is.
public struct TrainBenchmark: Sendable, Equatable {
    /// Tied ones once, as the caller counted them.
    public var parameters: Int
    /// Median of the steps.
    public var tokensPerSecond: Double
    /// Of this process, over the training steps; nil where the kernel does not say.
    public var peakMemoryBytes: Int?
    /// (6 × parameters × tokens + attention) a second over the matrix rate.
    public var shareOfPeak: Double
    /// The better of the rates measured before and after the steps, operations a second.
    public var matrixRate: Double
    /// Of each timed step, in order.
    public var stepSeconds: [Double]
    /// Of the last step, nats for each token: a check that something was learned from.
    public var loss: Double

    /// Times `steps` optimizer steps on fixed text without structure, after two that are not timed.
    ///
    /// - Parameters:
    ///   - model: bound, with gradients.
    ///   - parameters: number of its parameters, tied ones counted once.
    ///   - step: one optimizer step on a batch, the number of the step from 1: gradients cleared, computed, clipped, applied; returns the loss.
    /// - Throws: what `step` throws.
    public static func measure(
        _ model: any SequenceModel, parameters: Int, rows: Int, length: Int, steps: Int, services: any HostServices,
        step: (Batch, Int) throws -> Double, progress: (_ done: Int) throws -> Void = { _ in }
    ) throws -> TrainBenchmark {
        let before = MachineRoof.matrixRate(services)
        PeakMemory.reset()
        let warmUp = 2
        var times: [Double] = []
        var loss = 0.0
        for index in 0 ..< warmUp + max(steps, 1) {
            let batch = self.batch(model, rows: rows, length: length, index: index)
            let watch = Stopwatch()
            loss = try step(batch, index + 1)
            if index >= warmUp { times.append(watch.seconds) }
            try progress(times.count)
        }
        let peak = PeakMemory.current()
        let rate = max(before, MachineRoof.matrixRate(services))
        let seconds = max(median(times) ?? 0, 1e-9)
        let tokens = Double(rows * length)
        let attention = AttentionOperations.training(
            model.configuration, rows: rows, length: length, isCausal: model.description.capabilities.contains(.causal))
        return TrainBenchmark(
            parameters: parameters, tokensPerSecond: tokens / seconds, peakMemoryBytes: peak,
            shareOfPeak: (6 * Double(parameters) * tokens + attention) / seconds / rate, matrixRate: rate,
            stepSeconds: times, loss: loss)
    }

    /// Every position has a target: the next symbol, or its own.
    private static func batch(_ model: any SequenceModel, rows: Int, length: Int, index: Int) -> Batch {
        let symbols = sampleText(rows * length + 1, alphabet: model.shape.alphabet)
        let tokens = Array(symbols.dropLast())
        let targets = model.description.capabilities.contains(.targetsInPlace) ? tokens : Array(symbols.dropFirst())
        return Batch(
            rows: rows, length: length, tokens: tokens, targets: targets,
            key: RandomKey(seed: 0).split("bench").split(UInt64(index)))
    }
}
