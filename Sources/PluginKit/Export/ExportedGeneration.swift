internal import CSequenceModel
internal import SequenceModel

/// `sm.generate/1`
func generateTable() -> sm_generate {
    var table = sm_generate()
    table.struct_size = UInt32(MemoryLayout<sm_generate>.size)
    table.generate = { handle, request, sink, error in
        answer(error) {
            let model = try instance(handle).model
            try requireArgument(isNull(request), "request")
            try requireArgument(isNull(sink), "sink")
            let asked = try generation(try readSized(request, "request", zero: sm_generation()))
            let receiver = sink.pointee
            var begin = asked.prompt.count
            var step: (index: Int, count: Int) = (0, 0)
            try model.generate(asked) { event in
                var message = sm_event()
                message.struct_size = UInt32(MemoryLayout<sm_event>.size)
                var symbols: [Int32] = []
                switch event {
                case .step(let index, let count):
                    message.kind = SM_EVENT_STEP
                    step = (index, count)
                case .append(let added):
                    message.kind = SM_EVENT_APPEND
                    message.begin = UInt64(begin)
                    begin += added.count
                    symbols = added
                case .replace(let position, let replaced):
                    message.kind = SM_EVENT_REPLACE
                    message.begin = UInt64(clamping: position)
                    symbols = replaced
                case .done: message.kind = SM_EVENT_DONE
                }
                message.step = UInt32(clamping: step.index)
                message.steps = UInt32(clamping: step.count)
                message.count = UInt64(symbols.count)
                return symbols.withUnsafeBufferPointer { buffer in
                    message.symbols = buffer.baseAddress
                    return withUnsafePointer(to: message) { receiver.on_event(receiver.context, $0) } == 0
                }
            }
        }
    }
    return table
}

private func generation(_ given: sm_generation) throws -> GenerationRequest {
    func refuse(_ text: String) -> SequenceModelError { SequenceModelError(.invalidArgument, text) }
    let limit = UInt64(Int32.max)
    guard given.prompt_length <= limit, given.new_tokens <= limit else {
        throw refuse("prompt of \(given.prompt_length) and \(given.new_tokens) new tokens; at most \(limit) each")
    }
    if given.prompt_length > 0, given.prompt == nil { throw refuse("prompt is null") }
    guard given.temperature.isFinite, given.temperature >= 0 else {
        throw refuse("temperature is \(given.temperature); allowed: 0 or more")
    }
    var sampler: String?
    if let name = given.sampler {
        guard let text = String(validatingCString: name) else { throw refuse("the sampler's name is not UTF-8") }
        sampler = text
    }
    return GenerationRequest(
        prompt: Array(UnsafeBufferPointer(start: given.prompt, count: Int(given.prompt_length))),
        newTokens: Int(given.new_tokens), temperature: given.temperature, steps: Int(given.steps), sampler: sampler,
        key: RandomKey(given.key.words.0, given.key.words.1))
}
