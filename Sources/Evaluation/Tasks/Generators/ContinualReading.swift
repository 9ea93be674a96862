import SequenceModel

/// A stream of documents about the same facts: what was read in earlier ones helps with later ones, if it is carried along.
struct ContinualReading: SequenceTask {
    static let about: TaskDescription = TaskDescription(
        name: "continual-reading",
        summary: "A stream of documents about facts that hold all through it; known facts are asked for, with the state of earlier documents and without.",
        paper: "After the question of lifelong memory in Learning to (Learn at Test Time) (arXiv:2407.04620) and Titans (arXiv:2501.00663); the stream is ours",
        parameters: [
            TaskParameter("documents", 4, 1 ... 4096, "documents in a training row"),
            TaskParameter("test_documents", list: [4, 8, 16], 1 ... 4096, "documents in the rows that are tested"),
            TaskParameter("statements", 12, 1 ... 1 << 16, "statements in a document: a name and what is said of it"),
            TaskParameter("names", 32, 1 ... 1 << 20, "names, of each of which one thing is true all through a stream"),
            TaskParameter("values", 32, 2 ... 1 << 20, "things that can be said"), TaskParameter.examples(0), TaskParameter.testExamples(128),
        ]
    ) { ContinualReading(parameters: $0) }

    let parameters: TaskParameters

    private var names: Int { parameters["names"] }
    private var values: Int { parameters["values"] }
    /// Names, things, the beginning of a document.
    var vocabulary: Int { names + values + 1 }
    var chance: Double { 1 / Double(values) }
    var documentLength: Int? { 1 + 2 * parameters["statements"] }
    private var document: Int { 1 + 2 * parameters["statements"] }
    var trainLengths: ClosedRange<Int> { document * parameters["documents"] ... document * parameters["documents"] }
    var testLengths: [Int] { Set(parameters.list("test_documents")).sorted().map { $0 * document } }
    var trainingRows: Int { parameters["examples"] }
    var testRows: Int { parameters["test_examples"] }

    func example(length: Int, part: TaskPart, index: Int, stream: inout RandomStream) -> TaskExample {
        let facts = (0 ..< names).map { _ in stream.index(below: values) }
        var known: Set<Int> = []
        var row = TaskExample(tokens: [], targets: [])
        for _ in 0 ..< max(length / document, 1) {
            row.tokens.append(Int32(names + values))
            row.targets.append(-1)
            for _ in 0 ..< parameters["statements"] {
                let name = stream.index(below: names)
                let value = Int32(names + facts[name])
                row.tokens += [Int32(name), value]
                row.targets += [known.insert(name).inserted ? -1 : value, -1]
            }
        }
        return row
    }

    func text(_ symbol: Int32) -> String {
        let symbol = Int(symbol)
        return symbol < names ? "n\(symbol)" : symbol < names + values ? "v\(symbol - names)" : "¶"
    }
}
