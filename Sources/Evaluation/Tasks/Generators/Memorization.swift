import SequenceModel

/// Keys whose values are the same in every row and never shown: facts, learned by the parameters alone.
struct Memorization: ParameterTask {
    static let about: TaskDescription = TaskDescription(
        name: "mad-memorization",
        summary: "Keys whose values are the same in every row and never shown: the parameters must know them.",
        paper: "Mechanistic Design and Scaling of Hybrid Architectures (arXiv:2403.17844): memorization, 256 symbols, length 32",
        parameters: TaskParameter.shared(length: 32, tests: [32, 64], least: 2, examples: 0, testExamples: 320) + [
            TaskParameter("facts", 128, 1 ... 1 << 20, "keys, each with a value"),
            TaskParameter("values", 128, 2 ... 1 << 20, "symbols that can be values"),
        ]
    ) { Memorization($0) }

    let parameters: TaskParameters
    private let values: [Int]

    private init(_ parameters: TaskParameters) {
        self.parameters = parameters
        var stream = RandomKey(seed: 0).split("memorised facts").stream
        values = (0 ..< parameters["facts"]).map { _ in stream.index(below: parameters["values"]) }
    }

    /// Empty, keys, values.
    var vocabulary: Int { 1 + values.count + parameters["values"] }
    /// The value that most keys have.
    var chance: Double {
        let most = Dictionary(grouping: values, by: { $0 }).values.map(\.count).max() ?? 0
        return Double(most) / Double(max(values.count, 1))
    }

    func example(length: Int, part: TaskPart, index: Int, stream: inout RandomStream) -> TaskExample {
        var row = TaskExample(tokens: [], targets: [])
        for _ in 0 ..< length / 2 {
            let key = stream.index(below: values.count)
            row.tokens += [Int32(1 + key), 0]
            row.targets += [Int32(1 + values.count + values[key]), -1]
        }
        return row
    }

    func text(_ symbol: Int32) -> String {
        let symbol = Int(symbol)
        return symbol == 0 ? "·" : symbol <= values.count ? "k\(symbol - 1)" : "v\(symbol - 1 - values.count)"
    }
}
