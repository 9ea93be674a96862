import SequenceModel

/// Random symbols with a trigger among them; at the trigger's return the symbol that followed it is asked for.
struct Induction: ParameterTask {
    static let about: TaskDescription = TaskDescription(
        name: "induction",
        summary: "Random symbols with a trigger among them; when the trigger returns, the symbol that followed it is asked for.",
        paper: "Hungry Hungry Hippos (arXiv:2212.14052), table 1: 20 symbols, length 30, 5,000 rows; Mamba (arXiv:2312.00752) tests longer rows",
        parameters: TaskParameter.shared(length: 30, tests: [30, 60, 120, 240], least: 3, examples: 5000, testExamples: 500) + [
            TaskParameter("alphabet", 20, 2 ... 1 << 20, "symbols beside the trigger"), TaskParameter.everywhere(1),
        ]
    ) { Induction(parameters: $0) }

    let parameters: TaskParameters

    private var alphabet: Int { parameters["alphabet"] }
    var vocabulary: Int { alphabet + 1 }
    var chance: Double { 1 / Double(alphabet) }

    func example(length: Int, part: TaskPart, index: Int, stream: inout RandomStream) -> TaskExample {
        var text = (0 ..< length - 1).map { _ in Int32(stream.index(below: alphabet)) }
        let place = stream.index(below: length - 2)
        text[place] = Int32(alphabet)
        text += [Int32(alphabet), text[place + 1]]
        return TaskExample(text: text, answers: [text.count - 1])
    }

    func text(_ symbol: Int32) -> String { Int(symbol) == alphabet ? "▸" : "\(symbol)" }
}
