import SequenceModel

/// a + b modulo a prime, some of all sums learned and the others asked for: memorised first, understood later, or never.
struct ModularAddition: SequenceTask {
    static let about: TaskDescription = TaskDescription(
        name: "modular-addition",
        summary: "a + b = modulo 113; a part of all sums is learned, others are asked for.",
        paper: "Grokking (arXiv:2201.02177); 113 and 30 % as in Progress Measures for Grokking via Mechanistic Interpretability (arXiv:2301.05217)",
        parameters: [
            TaskParameter("modulus", 113, 2 ... 2048, "numbers are 0 up to one less"),
            TaskParameter("fraction", 30, 1 ... 90, "per cent of all sums that are learned"),
            TaskParameter.testExamples(2048),
        ]
    ) { ModularAddition($0) }

    let parameters: TaskParameters
    /// Every sum once, in an order that is the same for every seed: learned ones first, then those that validate, then the tested ones.
    private let order: [Int]
    let trainingRows: Int
    private let validationRows: Int

    private init(_ parameters: TaskParameters) {
        self.parameters = parameters
        let count = parameters["modulus"] * parameters["modulus"]
        var stream = RandomKey(seed: 0).split("modular addition").stream
        order = stream.permutation(count)
        trainingRows = min(max(count * parameters["fraction"] / 100, 1), count - 2)
        validationRows = max((count - trainingRows) / 4, 1)
    }

    private var modulus: Int { parameters["modulus"] }
    /// The numbers and =.
    var vocabulary: Int { modulus + 1 }
    var chance: Double { 1 / Double(modulus) }
    let trainLengths = 3 ... 3
    let testLengths = [3]
    let isDivided = true
    let answersFollow = false
    var testRows: Int { min(parameters["test_examples"], order.count - trainingRows - validationRows) }

    func example(length: Int, part: TaskPart, index: Int, stream: inout RandomStream) -> TaskExample {
        let pair: Int
        switch part {
        case .train: pair = order[index % trainingRows]
        case .validation: pair = order[trainingRows + index % validationRows]
        case .test:
            let first = trainingRows + validationRows
            pair = order[first + index % (order.count - first)]
        }
        let (a, b) = (pair / modulus, pair % modulus)
        return TaskExample(tokens: [Int32(a), Int32(b), Int32(modulus)], targets: [-1, -1, Int32((a + b) % modulus)])
    }

    func text(_ symbol: Int32) -> String { Int(symbol) == modulus ? "=" : "\(symbol)" }
}
