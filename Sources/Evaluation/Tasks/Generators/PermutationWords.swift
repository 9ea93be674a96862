import SequenceModel

/// Permutations one after another: which one are they together, after each?
struct PermutationWords: ParameterTask {
    static let symmetric = description("s5", "all 120 permutations of five things", isAlternating: false)
    static let alternating = description("a5", "the 60 even permutations of five things", isAlternating: true)

    private static func description(_ name: String, _ what: String, isAlternating: Bool) -> TaskDescription {
        TaskDescription(
            name: name, summary: "A word of \(what); after each, what they are together is asked for.",
            paper: "The Illusion of State in State-Space Models (arXiv:2404.08819); learned at 32 as in arXiv:2411.12537, figure 4",
            parameters: TaskParameter.shared(length: 32, tests: [32, 64, 128, 256], least: 1, testExamples: 256)
                + (isAlternating ? [] : [TaskParameter("swaps", 0, 0 ... 1, "1: words of swaps of two things alone, 0: of all permutations")])
        ) { PermutationWords($0, isAlternating: isAlternating) }
    }

    let parameters: TaskParameters
    private let group: PermutationGroup
    /// Elements that words are made of.
    private let letters: [Int]

    private init(_ parameters: TaskParameters, isAlternating: Bool) {
        self.parameters = parameters
        group = isAlternating ? .alternating : .symmetric
        letters = parameters["swaps"] == 1 ? group.swaps : Array(0 ..< group.order)
    }

    var vocabulary: Int { group.order }
    var chance: Double { 1 / Double(group.order) }
    let answersFollow = false

    func example(length: Int, part: TaskPart, index: Int, stream: inout RandomStream) -> TaskExample {
        var product = group.identity
        var row = TaskExample(tokens: [], targets: [])
        for _ in 0 ..< length {
            let letter = letters[stream.index(below: letters.count)]
            product = group.then(product, letter)
            row.tokens.append(Int32(letter))
            row.targets.append(Int32(product))
        }
        return row
    }

    func text(_ symbol: Int32) -> String { group.elements[Int(symbol)].map { "\($0 + 1)" }.joined() }
}
