import Evaluation
import Foundation
import PluginHost
import SequenceModel
import Training

/// What the process that `CostMeasurer` starts does: makes the model at its first values, trains or decodes at one context, writes the figure.
public struct CostExecution {
    /// Timed steps at most.
    private static let steps = 5

    private let request: CostRequest
    private let folder: ComparisonFolder.RunFolder

    /// - Throws: `ZooError` when the request cannot be read.
    public init(requestFile: String) throws {
        let path = RunFiles.absolute(requestFile)
        request = try JSONFile.read(CostRequest.self, from: path)
        folder = ComparisonFolder.RunFolder(path: (path as NSString).deletingLastPathComponent)
    }

    /// Writes the figure beside the request.
    ///
    /// - Throws: `ZooError` when the plugin cannot be loaded, the model fails or a file cannot be written.
    public func run() throws {
        Interruption.install()
        ParentWatch.start()
        let services = ThreadPool(threads: request.threads)
        guard let factory = try Plugin.load(request.plugin).models.first(where: { $0.description.id == request.model })
        else { throw ZooError(.plugin, "\(request.plugin) does not bring the model \(request.model)") }
        let isTraining = request.kind == .training
        let (model, memory) = try LoadedModel.make(
            factory, request.config.value, services: services, gradients: isTraining, context: request.model)
        var figure = CostFigure(kind: request.kind, context: request.context)
        do {
            try memory.initialise(model, seed: 0)
            if let limit = model.shape.maximumTokens, request.context > limit {
                figure.reason = "this model takes at most \(limit) tokens"
            } else if isTraining {
                try train(model, memory, services, &figure)
            } else {
                try decode(model, &figure)
            }
        } catch let error as SequenceModelError where error.code == .resourceExhausted || error.code == .unimplemented {
            figure.reason = error.message
        } catch let error as SequenceModelError {
            try Interruption.check()
            throw ZooError(error, while: "\(request.model) at \(request.context) tokens")
        }
        figure.peakMemoryBytes = figure.secondsPerToken == nil ? nil : PeakMemory.current()
        try JSONFile.write(figure, to: folder.result)
    }

    /// Steps on one window. The first pays for what is set up once: it counts only where time allows no other.
    private func train(
        _ model: any SequenceModel, _ memory: ParameterMemory, _ services: ThreadPool, _ figure: inout CostFigure
    ) throws {
        let optimizer = try AdamW(memory: memory, options: AdamWOptions(), services: services)
        let length = request.context
        var stream = RandomKey(seed: 0).split("cost").stream
        let symbols = (0 ... length).map { _ in Int32(stream.index(below: max(model.shape.alphabet, 1))) }
        let inPlace = model.description.capabilities.contains(.targetsInPlace)
        let tokens = Array(symbols.dropLast())
        let begin = ContinuousClock.now
        var times: [Double] = []
        for step in 1 ... CostExecution.steps + 1 {
            let start = ContinuousClock.now
            if step > 1, (start - begin) / .seconds(1) + (times.last ?? 0) > request.seconds { break }
            memory.zeroGradients()
            let loss = try model.lossAndGradient(
                Batch(
                    rows: 1, length: length, tokens: tokens, targets: inPlace ? tokens : Array(symbols.dropFirst()),
                    key: RandomKey(seed: 0).split("cost").split(UInt64(step))))
            let norm = optimizer.gradientNorm()
            guard loss.isFinite, norm.isFinite else {
                throw ZooError(.plugin, "step \(step) at \(length) tokens: loss \(loss), gradient norm \(norm)")
            }
            optimizer.update(step: step, rate: 1e-4, gradientScale: norm > 1 ? 1 / norm : 1)
            model.parametersChanged()
            try model.postUpdate(step: step)
            times.append((ContinuousClock.now - start) / .seconds(1))
        }
        let timed = times.count > 1 ? Array(times.dropFirst()) : times
        if times.count == 1 { figure.reason = "of the first step alone: there was no time for another" }
        figure.secondsPerToken = median(timed).map { $0 / Double(length) }
        figure.measured = timed.count
        let attention = AttentionOperations.training(
            model.configuration, rows: 1, length: length, isCausal: model.description.capabilities.contains(.causal))
        figure.operationsPerToken = 6 * Double(memory.parameterCount) + attention / Double(length)
    }

    private func decode(_ model: any SequenceModel, _ figure: inout CostFigure) throws {
        let options = DecodeOptions(budgetSeconds: request.seconds)
        guard
            let found = try DecodeMeasurement.measure(
                model, contexts: [request.context], options: options, progress: { _ in try Interruption.check() }
            ).first
        else { return }
        figure.secondsPerToken = found.tokensPerSecond.flatMap { $0 > 0 ? 1 / $0 : nil }
        figure.readingSecondsPerToken = found.prefillTokensPerSecond.flatMap { $0 > 0 ? 1 / $0 : nil }
        figure.stateBytes = found.stateBytes
        figure.measured = found.tokensMeasured
        figure.method = found.method.rawValue
        figure.reason = found.reason ?? ""
    }
}
