import Evaluation
import PluginHost
import SequenceModel

/// Lets a trained model write, so that people can look at what the figures stand for.
enum SampleWriter {
    static let promptBytes = 64
    static let newTokens = 256

    /// What is asked of the model.
    struct Request {
        var newTokens = SampleWriter.newTokens
        var temperature = 0.8
        /// Of a text that is refined: network evaluations; 0: the model's choice.
        var steps = 0
        /// Of a text that is refined; nil: the model's choice.
        var sampler: String?
        var key = RandomKey(seed: 0).split("sample")
    }

    /// One sample after the first bytes of `text`; nil for a model that cannot write. The same for the same model and seed.
    ///
    /// - Throws: what the model throws, and `ZooError` for symbols that cannot be.
    static func sample(_ model: any SequenceModel, after text: ArraySlice<UInt8>) throws -> GeneratedSample? {
        let prompt = Array(text.prefix(promptBytes))
        guard let written = try write(model, after: prompt, Request()) else { return nil }
        return GeneratedSample(
            prompt: String(decoding: prompt, as: UTF8.self), text: String(decoding: written.bytes, as: UTF8.self),
            stages: written.stages)
    }

    /// New bytes after `prompt`, and the stages of a text that was refined; nil for a model that cannot write, or not so much. Throws as `sample`.
    static func write(
        _ model: any SequenceModel, after prompt: [UInt8], _ request: Request
    ) throws -> (bytes: [UInt8], stages: [RefinementStage])? {
        let capabilities = model.description.capabilities
        guard !prompt.isEmpty, capabilities.contains(.session) || capabilities.contains(.generates) else { return nil }
        let symbols = prompt.map(Int32.init)
        let limit = model.shape.maximumTokens ?? .max
        let count = min(request.newTokens, limit - symbols.count)
        guard count > 0 else { return nil }
        if capabilities.contains(.session) {
            let options = ContinuationOptions(
                newTokens: count, sampling: try Sampling(temperature: request.temperature), key: request.key)
            let new = try Continuation.run(model, prompt: symbols, options: options) { _ in !Interruption.isRequested }
            return (new.map { UInt8(exactly: $0) ?? UInt8(ascii: "?") }, [])
        }
        var refined = RefinedText(prompt: symbols, maskSymbol: model.shape.maskSymbol)
        var isConsistent = true
        var recorder = RefinementRecorder(prompt: symbols)
        let wanted = GenerationRequest(
            prompt: symbols, newTokens: count, temperature: request.temperature, steps: request.steps,
            sampler: request.sampler, key: request.key)
        try model.generate(wanted) { event in
            recorder.observe(event, before: refined)
            isConsistent = refined.apply(event)
            return isConsistent && !Interruption.isRequested
        }
        guard isConsistent else {
            throw ZooError(.plugin, "\(model.description.id) changed symbols past the end of its text")
        }
        recorder.finish(refined)
        return (Array(refined.bytes().dropFirst(prompt.count)), recorder.stages)
    }
}
