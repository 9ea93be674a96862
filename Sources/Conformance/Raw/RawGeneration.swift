import CSequenceModel

/// `sm.generate/1`: asks for symbols and follows the events.
struct RawGeneration {
    let instance: RawInstance

    struct Answer {
        /// Prompt and new symbols as they are after the last event.
        var symbols: [Int32]
        var events = 0
        var isDone = false
        var status: Int32 = SM_OK
        var message = ""
        /// What is wrong with an event; the first one.
        var fault: String?
    }

    init(_ instance: RawInstance) { self.instance = instance }

    private final class Follower {
        var answer: Answer
        let stopAfter: Int
        init(_ prompt: [Int32], stopAfter: Int) {
            answer = Answer(symbols: prompt)
            self.stopAfter = stopAfter
        }

        func take(_ event: sm_event) -> Int32 {
            answer.events += 1
            func fault(_ text: String) { if answer.fault == nil { answer.fault = "event \(answer.events): \(text)" } }
            if answer.isDone { fault("comes after SM_EVENT_DONE") }
            let count = Int(clamping: event.count)
            let begin = Int(clamping: event.begin)
            switch event.kind {
            case SM_EVENT_STEP: break
            case SM_EVENT_APPEND:
                guard count <= 1 << 20, let symbols = event.symbols else {
                    fault("appends \(count) symbols from \(event.symbols == nil ? "null" : "somewhere")")
                    break
                }
                answer.symbols += UnsafeBufferPointer(start: symbols, count: count)
            case SM_EVENT_REPLACE:
                guard let symbols = event.symbols, begin <= answer.symbols.count, count <= answer.symbols.count - begin else {
                    fault("replaces [\(begin), \(begin + count)) of \(answer.symbols.count) symbols")
                    break
                }
                answer.symbols.replaceSubrange(begin ..< begin + count, with: UnsafeBufferPointer(start: symbols, count: count))
            case SM_EVENT_DONE: answer.isDone = true
            default: fault("has the unknown kind \(event.kind)")
            }
            return answer.events >= stopAfter ? 1 : 0
        }
    }

    /// Runs one request. `status` and `fault` of the answer say how it went. `stopAfter`: the event at which the sink says stop.
    func run(
        prompt: [Int32], newTokens: Int, steps: Int, temperature: Double, key: (UInt64, UInt64), stopAfter: Int = .max
    ) throws -> Answer {
        guard let table = instance.model.generate, instance.model.claims(SM_GENERATES) else {
            throw CheckEnd.skipped("the model does not offer \(SM_GENERATE_1)")
        }
        let generate = try instance.plugin.slot("generate", table.generate)
        let follower = Follower(prompt, stopAfter: stopAfter)
        let error = RawError()
        follower.answer.status = prompt.withUnsafeBufferPointer { prompt in
            var request = sm_generation()
            request.struct_size = UInt32(MemoryLayout<sm_generation>.size)
            request.steps = UInt32(steps)
            request.prompt = prompt.baseAddress
            request.prompt_length = UInt64(prompt.count)
            request.new_tokens = UInt64(newTokens)
            request.temperature = temperature
            request.key = sm_key(words: key)
            var sink = sm_sink(
                context: Unmanaged.passUnretained(follower).toOpaque(),
                on_event: { context, event in
                    context.map { Unmanaged<Follower>.fromOpaque($0).takeUnretainedValue().take(event.pointee) } ?? 1
                })
            return instance.plugin.watch.call("generate") { generate(instance.handle, &request, &sink, error.pointer) }
        }
        follower.answer.message = error.message
        return follower.answer
    }
}
