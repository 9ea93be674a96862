import SequenceModel

/// Random symbols, a sign, and the same symbols again.
struct Copying: ParameterTask {
    static let about: TaskDescription = TaskDescription(
        name: "copy",
        summary: "Random symbols, a sign, then the same symbols again, each asked for after those before it.",
        paper: "Repeat After Me (arXiv:2402.01032): a state of fixed size cannot copy more than it holds",
        parameters: TaskParameter.shared(length: 64, tests: [64, 128, 256, 512], least: 2, testExamples: 256) + [
            TaskParameter("alphabet", 26, 2 ... 1 << 20, "symbols that are copied")
        ]
    ) { Copying(parameters: $0) }

    let parameters: TaskParameters

    private var alphabet: Int { parameters["alphabet"] }
    var vocabulary: Int { alphabet + 1 }
    var chance: Double { 1 / Double(alphabet) }

    func example(length: Int, part: TaskPart, index: Int, stream: inout RandomStream) -> TaskExample {
        let symbols = (0 ..< length / 2).map { _ in Int32(stream.index(below: alphabet)) }
        let text = symbols + [Int32(alphabet)] + symbols
        return TaskExample(text: text, answers: symbols.count + 1 ..< text.count)
    }

    func text(_ symbol: Int32) -> String {
        if Int(symbol) == alphabet { return "▸" }
        let letter = UnicodeScalar(UInt8(97 + symbol % 26))
        return alphabet <= 26 ? "\(letter)" : "\(symbol)"
    }
}
