public import SequenceModel

/// A task whose rows are made as they are needed: a pure function of its parameters and a key.
public protocol SequenceTask: Sendable {
    /// Symbols are 0 ..< vocabulary.
    var vocabulary: Int { get }
    /// Accuracy of the best answer that looks at nothing.
    var chance: Double { get }
    /// Lengths of training rows; all rows of a step have the same one, drawn uniformly.
    var trainLengths: ClosedRange<Int> { get }
    /// Lengths that are tested, ascending.
    var testLengths: [Int] { get }
    /// Whether the token after a place with a target is that answer, or an empty place for it. Otherwise what reads in both
    /// directions gets a place put in.
    var answersFollow: Bool { get }
    /// Whether training asks for every next symbol, not for the answers alone.
    var learnsEverySymbol: Bool { get }
    /// Rows of the training set; 0: each row is new.
    var trainingRows: Int { get }
    /// Rows that are tested at each length.
    var testRows: Int { get }

    /// A row of `length` tokens or, where rows have a form of their own, as near below as that goes. `part` matters to tasks that divide
    /// what there is by themselves; for others `isDivided` is false, and rows of the wrong part are drawn again.
    func example(length: Int, part: TaskPart, index: Int, stream: inout RandomStream) -> TaskExample
    /// Whether `example` gives each part its own rows.
    var isDivided: Bool { get }
    /// Tokens of a document, where rows are streams of documents that are also asked one by one; nil: they are not.
    var documentLength: Int? { get }
    /// A symbol for people.
    func text(_ symbol: Int32) -> String
}

extension SequenceTask {
    /// True.
    public var answersFollow: Bool { true }
    /// False.
    public var learnsEverySymbol: Bool { false }
    /// False.
    public var isDivided: Bool { false }
    /// nil.
    public var documentLength: Int? { nil }
    /// The number.
    public func text(_ symbol: Int32) -> String { "\(symbol)" }
}

/// A task with the usual parameters: `length`, `test_lengths`, `examples`, `test_examples`, `loss_everywhere`.
protocol ParameterTask: SequenceTask {
    var parameters: TaskParameters { get }
}

extension ParameterTask {
    var trainLengths: ClosedRange<Int> { parameters["length"] ... parameters["length"] }
    var testLengths: [Int] { Set(parameters.list("test_lengths")).sorted() }
    var trainingRows: Int { parameters["examples"] }
    var testRows: Int { parameters["test_examples"] }
    var learnsEverySymbol: Bool { parameters["loss_everywhere"] == 1 }
}
