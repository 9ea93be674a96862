import SequenceModel

/// Random symbols, an end, then places of which the symbol is asked for: how much of a row the state holds.
struct Compression: ParameterTask {
    static let about: TaskDescription = TaskDescription(
        name: "mad-compression",
        summary: "Random symbols, an end, then names of places: the symbol that stood there is asked for.",
        paper: "Mechanistic Design and Scaling of Hybrid Architectures (arXiv:2403.17844): compression, 16 symbols, length 32; there a network of its own "
            + "decodes the state, here the model is asked",
        parameters: TaskParameter.shared(length: 48, tests: [48, 80], least: 4, examples: 12_800, testExamples: 640) + [
            TaskParameter("alphabet", 16, 2 ... 1 << 20, "symbols that are remembered"),
            TaskParameter("queries", 8, 1 ... 1 << 16, "places that are asked for in a row"),
        ]
    ) { parameters in
        let least = 3 * parameters["queries"]
        try requireParameter(parameters["length"] >= least, about.name, "length", parameters["length"], allowed: "at least 3 × queries, \(least)")
        try requireLengths(parameters.list("test_lengths"), about.name, allowed: "at least 3 × queries, \(least)") { $0 >= least }
        return Compression(parameters: parameters)
    }

    let parameters: TaskParameters

    private var alphabet: Int { parameters["alphabet"] }
    private func count(_ length: Int) -> Int { length - 2 * parameters["queries"] }
    /// The symbols, the end, then a name for each place.
    var vocabulary: Int { alphabet + 1 + count(max(testLengths.last ?? 0, parameters["length"])) }
    var chance: Double { 1 / Double(alphabet) }

    func example(length: Int, part: TaskPart, index: Int, stream: inout RandomStream) -> TaskExample {
        let count = count(length)
        var text = (0 ..< count).map { _ in Int32(stream.index(below: alphabet)) }
        var answers: [Int] = []
        let places = MultiQueryRecall.distinct(parameters["queries"], below: count, &stream)
        let symbols = places.map { text[$0] }
        text.append(Int32(alphabet))
        for (place, symbol) in zip(places, symbols) {
            text.append(Int32(alphabet + 1 + place))
            answers.append(text.count)
            text.append(symbol)
        }
        return TaskExample(text: text, answers: answers)
    }

    func text(_ symbol: Int32) -> String {
        Int(symbol) < alphabet ? "\(symbol)" : Int(symbol) == alphabet ? "■" : "@\(Int(symbol) - alphabet - 1)"
    }
}
