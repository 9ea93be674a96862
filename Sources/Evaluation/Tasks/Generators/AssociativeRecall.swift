import SequenceModel

/// Pairs of a key and a value, then a prefix and a key that was among them: which value?
struct AssociativeRecall: ParameterTask {
    static let about: TaskDescription = TaskDescription(
        name: "associative-recall",
        summary: "Pairs of a key and a value, drawn anew for each row; then a key that was there: its value is asked for.",
        paper: "Hungry Hungry Hippos (arXiv:2212.14052), table 1: 10 symbols, 20 of pairs, 5,000 rows; chance there counts values seen in the row",
        parameters: TaskParameter.shared(length: 22, tests: [22, 42, 82], least: 4, examples: 5000, testExamples: 500) + [
            TaskParameter("keys", 5, 1 ... 1 << 20, "symbols that can be keys"),
            TaskParameter("values", 5, 2 ... 1 << 20, "symbols that can be values"), TaskParameter.everywhere(1),
        ]
    ) { AssociativeRecall(parameters: $0) }

    let parameters: TaskParameters

    private var keys: Int { parameters["keys"] }
    private var values: Int { parameters["values"] }
    var vocabulary: Int { keys + values + 1 }
    var chance: Double { 1 / Double(values) }

    func example(length: Int, part: TaskPart, index: Int, stream: inout RandomStream) -> TaskExample {
        var map: [Int: Int] = [:]
        var seen: [Int] = []
        var text: [Int32] = []
        for _ in 0 ..< (length - 2) / 2 {
            let key = stream.index(below: keys)
            let value = map[key] ?? stream.index(below: values)
            map[key] = value
            seen.append(key)
            text += [Int32(key), Int32(keys + value)]
        }
        // Uniform over the keys that are there, however often.
        let distinct = Set(seen).sorted()
        let asked = distinct[stream.index(below: distinct.count)]
        text += [Int32(keys + values), Int32(asked), Int32(keys + (map[asked] ?? 0))]
        return TaskExample(text: text, answers: [text.count - 1])
    }

    func text(_ symbol: Int32) -> String {
        let symbol = Int(symbol)
        return symbol < keys ? "k\(symbol)" : symbol < keys + values ? "v\(symbol - keys)" : "?"
    }
}
