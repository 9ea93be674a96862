import SequenceModel

/// A few symbols among many empty ones; at the end they are asked for in order.
struct SelectiveCopy: ParameterTask {
    static let about = description(
        name: "selective-copy", length: 256, tests: [256, 512, 1024], examples: 0,
        paper: "Mamba (arXiv:2312.00752), table 1: 16 symbols among 4,096, the answers not fed back; the length here is 256 until length says otherwise")
    static let mad = description(
        name: "mad-selective-copy", length: 256, tests: [256, 512], examples: 12_800,
        paper: "Mechanistic Design and Scaling of Hybrid Architectures (arXiv:2403.17844): selective copying, 16 of 256, 12,800 rows")

    private static func description(name: String, length: Int, tests: [Int], examples: Int, paper: String) -> TaskDescription {
        TaskDescription(
            name: name, summary: "A few symbols scattered among empty ones; at the end they are asked for in order, none shown again.", paper: paper,
            parameters: TaskParameter.shared(length: length, tests: tests, least: 2, examples: examples, testExamples: 320) + [
                TaskParameter("alphabet", 16, 2 ... 1 << 20, "symbols that are copied"),
                TaskParameter("count", 16, 1 ... 1 << 18, "symbols to copy in a row"),
            ]
        ) { parameters in
            let least = 2 * parameters["count"]
            try requireParameter(parameters["length"] >= least, name, "length", parameters["length"], allowed: "at least 2 × count, \(least)")
            try requireLengths(parameters.list("test_lengths"), name, allowed: "at least 2 × count, \(least)") { $0 >= least }
            return SelectiveCopy(parameters: parameters)
        }
    }

    let parameters: TaskParameters

    private var alphabet: Int { parameters["alphabet"] }
    /// 0 is empty, the last asks.
    var vocabulary: Int { alphabet + 2 }
    var chance: Double { 1 / Double(alphabet) }

    func example(length: Int, part: TaskPart, index: Int, stream: inout RandomStream) -> TaskExample {
        let count = parameters["count"]
        let area = length - count
        var row = TaskExample(tokens: [Int32](repeating: 0, count: length), targets: [Int32](repeating: -1, count: length))
        let places = MultiQueryRecall.distinct(count, below: area, &stream).sorted()
        for (order, place) in places.enumerated() {
            let symbol = Int32(1 + stream.index(below: alphabet))
            row.tokens[place] = symbol
            row.tokens[area + order] = Int32(alphabet + 1)
            row.targets[area + order] = symbol
        }
        return row
    }

    func text(_ symbol: Int32) -> String { symbol == 0 ? "·" : Int(symbol) == alphabet + 1 ? "?" : "\(symbol)" }
}
