import Evaluation
import PluginHost
import SequenceModel

/// Lets a trained model write, so that people can look at what the figures stand for.
enum SampleWriter {
    static let promptBytes = 64
    static let newTokens = 256

    /// One sample after the first bytes of `text`; nil for a model that cannot write. The same for the same model and seed.
    ///
    /// - Throws: what the model throws, and `ZooError` for symbols that cannot be.
    static func sample(_ model: any SequenceModel, after text: ArraySlice<UInt8>) throws -> GeneratedSample? {
        let capabilities = model.description.capabilities
        let prompt = Array(text.prefix(promptBytes))
        guard !prompt.isEmpty, capabilities.contains(.session) || capabilities.contains(.generates) else { return nil }
        let symbols = prompt.map(Int32.init)
        let key = RandomKey(seed: 0).split("sample")
        let limit = model.shape.maximumTokens ?? .max
        let count = min(newTokens, limit - symbols.count)
        guard count > 0 else { return nil }
        var bytes: [UInt8]
        var stages: [RefinementStage] = []
        if capabilities.contains(.session) {
            let options = ContinuationOptions(newTokens: count, sampling: try Sampling(temperature: 0.8), key: key)
            let new = try Continuation.run(model, prompt: symbols, options: options) { _ in !Interruption.isRequested }
            bytes = new.map { UInt8(exactly: $0) ?? UInt8(ascii: "?") }
        } else {
            var refined = RefinedText(prompt: symbols, maskSymbol: model.shape.maskSymbol)
            var isConsistent = true
            var recorder = RefinementRecorder(prompt: symbols)
            try model.generate(GenerationRequest(prompt: symbols, newTokens: count, temperature: 0.8, key: key)) {
                event in
                recorder.observe(event, before: refined)
                isConsistent = refined.apply(event)
                return isConsistent && !Interruption.isRequested
            }
            guard isConsistent else {
                throw ZooError(.plugin, "\(model.description.id) changed symbols past the end of its text")
            }
            recorder.finish(refined)
            stages = recorder.stages
            bytes = Array(refined.bytes().dropFirst(prompt.count))
        }
        return GeneratedSample(
            prompt: String(decoding: prompt, as: UTF8.self), text: String(decoding: bytes, as: UTF8.self),
            stages: stages)
    }
}
