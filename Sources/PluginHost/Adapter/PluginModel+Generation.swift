import CSequenceModel
import SequenceModel

extension PluginModel {
    func generate(_ request: GenerationRequest, sink: (GenerationEvent) -> Bool) throws {
        guard let generate = extensions.generate?.generate else { throw absent("generate of \(SM_GENERATE_1)") }
        guard let steps = UInt32(exactly: request.steps), let newTokens = UInt64(exactly: request.newTokens) else {
            throw SequenceModelError(
                .invalidArgument,
                "generate: \(request.steps) steps, \(request.newTokens) new tokens; allowed: 0 to \(UInt32.max) steps, 0 or more tokens"
            )
        }
        guard request.temperature.isFinite, request.temperature >= 0 else {
            throw SequenceModelError(
                .invalidArgument, "generate: temperature \(request.temperature); allowed: 0 and above")
        }
        var foreign = sm_generation()
        foreign.struct_size = UInt32(MemoryLayout<sm_generation>.size)
        foreign.steps = steps
        foreign.prompt_length = UInt64(request.prompt.count)
        foreign.new_tokens = newTokens
        foreign.temperature = request.temperature
        foreign.key = sm_key(request.key)
        let relay = try withoutActuallyEscaping(sink) { sink in
            let relay = EventRelay(sink)
            try request.prompt.withUnsafeBufferPointer { prompt in
                foreign.prompt = prompt.isEmpty ? nil : prompt.baseAddress
                try PluginModel.withOptionalText(request.sampler) { sampler in
                    foreign.sampler = sampler
                    var target = sm_sink(
                        context: Unmanaged.passUnretained(relay).toOpaque(), on_event: EventRelay.receive)
                    do {
                        try instance.errors.check("generate") { generate(instance.pointer, &foreign, &target, $0) }
                    } catch let error as SequenceModelError where error.code == .cancelled && relay.fault != nil {
                        // The relay stopped it: what it found says more.
                    }
                }
            }
            relay.revoke()
            return relay
        }
        if let fault = relay.fault {
            throw SequenceModelError(.internal, "generate of \(description.id): \(fault)")
        }
        if relay.wasStopped { throw SequenceModelError(.cancelled, "generation was stopped") }
    }

    private static func withOptionalText<Result>(
        _ text: String?, _ body: (UnsafePointer<CChar>?) throws -> Result
    ) rethrows -> Result {
        if let text { return try text.withCString(body) }
        return try body(nil)
    }
}
