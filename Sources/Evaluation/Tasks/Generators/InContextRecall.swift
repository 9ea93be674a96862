import SequenceModel

/// Keys and values in pairs, with or without noise between them; whenever a key returns its value is asked for.
struct InContextRecall: ParameterTask {
    private static let shared = TaskParameter.shared(length: 128, tests: [128, 256, 512], least: 6, examples: 12_800, testExamples: 640) + [
        TaskParameter("keys", 8, 1 ... 1 << 20, "symbols that can be keys"),
        TaskParameter("values", 8, 2 ... 1 << 20, "symbols that can be values"),
    ]

    static let about: TaskDescription = TaskDescription(
        name: "mad-recall", summary: "Pairs of a key and a value, drawn anew for each row; whenever a key returns, its value is asked for.",
        paper: "Mechanistic Design and Scaling of Hybrid Architectures (arXiv:2403.17844): in-context recall, 16 symbols, length 128, 12,800 rows",
        parameters: shared + [noise(0), noiseAlphabet(16)]
    ) { InContextRecall(parameters: $0) }

    static let noisy: TaskDescription = TaskDescription(
        name: "mad-noisy-recall", summary: "The same with symbols that mean nothing in a fifth of the places of pairs.",
        paper: "Mechanistic Design and Scaling of Hybrid Architectures (arXiv:2403.17844): noisy in-context recall, a fifth of noise from 16 symbols",
        parameters: shared + [noise(20), noiseAlphabet(16)]
    ) { InContextRecall(parameters: $0) }

    private static func noise(_ percent: Int) -> TaskParameter {
        TaskParameter("noise", percent, 0 ... 90, "per cent of the places of pairs that hold two noise symbols")
    }

    private static func noiseAlphabet(_ count: Int) -> TaskParameter {
        TaskParameter("noise_alphabet", count, 1 ... 1 << 20, "symbols that are noise")
    }

    let parameters: TaskParameters

    private var keys: Int { parameters["keys"] }
    private var values: Int { parameters["values"] }
    private var noise: Int { parameters["noise"] == 0 ? 0 : parameters["noise_alphabet"] }
    var vocabulary: Int { keys + values + noise }
    var chance: Double { 1 / Double(values) }

    func example(length: Int, part: TaskPart, index: Int, stream: inout RandomStream) -> TaskExample {
        let map = (0 ..< keys).map { _ in stream.index(below: values) }
        var seen: Set<Int> = []
        var text: [Int32] = []
        var answers: [Int] = []
        let places = length / 2
        for place in 0 ..< places {
            // The last place asks in any case: no row is without a question.
            if place < places - 1, stream.index(below: 100) < parameters["noise"] {
                text += (0 ..< 2).map { _ in Int32(keys + values + stream.index(below: max(noise, 1))) }
                continue
            }
            var key = stream.index(below: keys)
            if place == places - 1, !seen.isEmpty, answers.isEmpty { key = seen.sorted()[stream.index(below: seen.count)] }
            if !seen.insert(key).inserted { answers.append(text.count + 1) }
            text += [Int32(key), Int32(keys + map[key])]
        }
        return TaskExample(text: text, answers: answers)
    }

    func text(_ symbol: Int32) -> String {
        let symbol = Int(symbol)
        return symbol < keys ? "k\(symbol)" : symbol < keys + values ? "v\(symbol - keys)" : "n\(symbol - keys - values)"
    }
}
