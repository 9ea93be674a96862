import CSequenceModel

extension ConformanceTest {
    static let generation = ConformanceTest(
        "generation", "`generate` tells of as many symbols as were asked for, inside the alphabet, and the same for the same key.",
        group: .mathematics, strictness: 3, motivation: "Mask symbols left in a finished text; a sampler that cannot be repeated"
    ) { context in
        let instance = try context.instance()
        let generation = RawGeneration(instance)
        let prompt = context.tokens(instance, rows: 1, length: 7)
        var total = 0
        for (newTokens, steps, temperature) in [(12, 4, 1.0), (12, 0, 0.0), (1, 1, 1.0), (0, 3, 1.0), (20, 3, 0.7)] {
            let answer = try generation.run(prompt: prompt, newTokens: newTokens, steps: steps, temperature: temperature, key: (5, 6))
            let what = "\(newTokens) new symbols in \(steps) steps"
            guard answer.status == SM_OK else { throw CheckEnd.failed("\(what): status \(answer.status), \(answer.message)") }
            if let fault = answer.fault { throw CheckEnd.failed("\(what): \(fault)") }
            guard answer.isDone else { throw CheckEnd.failed("\(what): \(answer.events) events, none of them SM_EVENT_DONE") }
            guard answer.symbols.count == prompt.count + newTokens else {
                throw CheckEnd.failed("\(what): \(answer.symbols.count - prompt.count) came")
            }
            guard Array(answer.symbols.prefix(prompt.count)) == prompt else { throw CheckEnd.failed("\(what): the prompt was changed") }
            if let place = answer.symbols.firstIndex(where: { $0 < 0 || Int($0) >= instance.alphabet }) {
                throw CheckEnd.failed("\(what): symbol \(answer.symbols[place]) at \(place); the alphabet has \(instance.alphabet)")
            }
            let again = try generation.run(prompt: prompt, newTokens: newTokens, steps: steps, temperature: temperature, key: (5, 6))
            guard again.symbols == answer.symbols else { throw CheckEnd.failed("\(what): the same key gives another text") }
            total += answer.events
        }
        let stopped = try generation.run(prompt: prompt, newTokens: 30, steps: 10, temperature: 1, key: (5, 6), stopAfter: 2)
        guard stopped.status == SM_CANCELLED, stopped.events == 2 else {
            throw CheckEnd.failed("told to stop at the second event, it told of \(stopped.events) and returned \(stopped.status)")
        }
        let after = try generation.run(prompt: prompt, newTokens: 4, steps: 2, temperature: 1, key: (5, 6))
        guard after.status == SM_OK else { throw CheckEnd.failed("after being stopped: status \(after.status), \(after.message)") }
        return "\(total) events"
    }
}
