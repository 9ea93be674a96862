import SequenceModel
import Training

/// A stream of documents of the built-in grammar, in bytes: every byte is asked for, with the earlier documents read before and without.
struct ContinualText: SequenceTask {
    static let about: TaskDescription = TaskDescription(
        name: "continual-text",
        summary: "A stream of stories in bytes, told by the built-in grammar: what is a byte worth with the state of earlier documents, and without?",
        paper: "A control for continual-reading: stories of the grammar are independent, so that state that is carried should neither help nor harm",
        parameters: [
            TaskParameter("documents", 2, 1 ... 4096, "documents in a training row"),
            TaskParameter("test_documents", list: [2, 4, 8], 1 ... 4096, "documents in the rows that are tested"),
            TaskParameter("document_length", 128, 2 ... 1 << 18, "bytes of a document: the beginning of a story and those after it"),
            TaskParameter.examples(0), TaskParameter.testExamples(64),
        ]
    ) { ContinualText($0) }

    let parameters: TaskParameters
    let vocabulary = 256
    let chance: Double

    private init(_ parameters: TaskParameters) {
        self.parameters = parameters
        chance = ContinualText.likeliest
    }

    /// Share of the commonest byte in the built-in corpus.
    private static let likeliest: Double = {
        let text = GrammarCorpus(size: 100_000).text
        let counts = Dictionary(grouping: text, by: { $0 }).values.map(\.count)
        return Double(counts.max() ?? 0) / Double(text.count)
    }()

    private var document: Int { parameters["document_length"] }
    var documentLength: Int? { document }
    var trainLengths: ClosedRange<Int> { document * parameters["documents"] ... document * parameters["documents"] }
    var testLengths: [Int] { Set(parameters.list("test_documents")).sorted().map { $0 * document } }
    var trainingRows: Int { parameters["examples"] }
    var testRows: Int { parameters["test_examples"] }

    func example(length: Int, part: TaskPart, index: Int, stream: inout RandomStream) -> TaskExample {
        var row = TaskExample(tokens: [], targets: [])
        for _ in 0 ..< max(length / document, 1) {
            let text = GrammarCorpus(seed: stream.next(), size: document).text.prefix(document).map { Int32($0) }
            row.tokens += text
            // What follows the last byte is another document.
            row.targets += text.dropFirst() + [-1]
        }
        return row
    }

    func text(_ symbol: Int32) -> String { Passkey.character(symbol) }
}
