import SequenceModel

/// Recall in which keys and values are one to several symbols long.
struct FuzzyRecall: ParameterTask {
    static let about: TaskDescription = TaskDescription(
        name: "mad-fuzzy-recall",
        summary: "Keys and values of one to three symbols; whenever a key returns, every symbol of its value is asked for.",
        paper: "Mechanistic Design and Scaling of Hybrid Architectures (arXiv:2403.17844): fuzzy in-context recall, 16 symbols, length 128; here no key "
            + "begins another, so that its end can be seen",
        parameters: TaskParameter.shared(length: 128, tests: [128, 256, 512], least: 24, examples: 12_800, testExamples: 640) + [
            TaskParameter("alphabet", 8, 2 ... 1 << 16, "symbols of keys, and as many of values"),
            TaskParameter("keys", 8, 1 ... 256, "keys of a row"), TaskParameter("motif", 3, 1 ... 16, "symbols that a key or value has at most"),
        ]
    ) { parameters in
        let (alphabet, keys) = (parameters["alphabet"], parameters["keys"])
        try requireParameter(keys <= alphabet, about.name, "keys", keys, allowed: "1 to \(alphabet), the alphabet")
        let least = 4 * parameters["motif"]
        try requireParameter(parameters["length"] >= least, about.name, "length", parameters["length"], allowed: "at least 4 × motif, \(least)")
        try requireLengths(parameters.list("test_lengths"), about.name, allowed: "at least 4 × motif, \(least)") { $0 >= least }
        return FuzzyRecall(parameters: parameters)
    }

    let parameters: TaskParameters

    private var alphabet: Int { parameters["alphabet"] }
    var vocabulary: Int { 2 * alphabet }
    var chance: Double { 1 / Double(alphabet) }

    func example(length: Int, part: TaskPart, index: Int, stream: inout RandomStream) -> TaskExample {
        let keys = self.keys(&stream)
        let values = keys.map { _ in motif(&stream).map { $0 + Int32(alphabet) } }
        var seen: Set<Int> = []
        var text: [Int32] = []
        var answers: [Int] = []
        // The text is one symbol longer than what is read.
        while true {
            var choice = stream.index(below: keys.count)
            let room = length + 1 - text.count
            if room < keys[choice].count + values[choice].count {
                // What is left holds no such pair; a row without a question gets one that fits.
                guard answers.isEmpty, let fit = seen.sorted().first(where: { keys[$0].count + values[$0].count <= room }) else { break }
                choice = fit
            }
            text += keys[choice]
            if !seen.insert(choice).inserted { answers += text.count ..< text.count + values[choice].count }
            text += values[choice]
        }
        return TaskExample(text: text, answers: answers)
    }

    private func motif(_ stream: inout RandomStream) -> [Int32] {
        (0 ... stream.index(below: parameters["motif"])).map { _ in Int32(stream.index(below: alphabet)) }
    }

    /// Motifs of which none begins another; where chance finds none in a while, those that are left begin with symbols of their own.
    private func keys(_ stream: inout RandomStream) -> [[Int32]] {
        let count = parameters["keys"]
        var keys: [[Int32]] = []
        for _ in 0 ..< 64 * count where keys.count < count {
            let new = motif(&stream)
            if !keys.contains(where: { $0.starts(with: new) || new.starts(with: $0) }) { keys.append(new) }
        }
        guard keys.count < count else { return keys }
        return MultiQueryRecall.distinct(count, below: alphabet, &stream).map { [Int32($0)] }
    }

    func text(_ symbol: Int32) -> String { Int(symbol) < alphabet ? "k\(symbol)" : "v\(Int(symbol) - alphabet)" }
}
