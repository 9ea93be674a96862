/// What a model made of a task at one length.
public struct TaskLengthFigure: Codable, Sendable, Equatable {
    /// Tokens of a row.
    public var length: Int
    /// Part of the answers that were right.
    public var accuracy: Double
    /// `accuracy` on a scale on which 0 is chance and 1 is always right; below 0 is worse than chance.
    public var scaledAccuracy: Double
    /// Part of the rows of which every answer was right.
    public var wholeRows: Double
    /// Rows that were tested.
    public var examples: Int
    /// Answers that were asked for.
    public var answers: Int
    /// Mean bits of an answer given all that the model may see; nil without a likelihood.
    public var bitsPerAnswer: Double?
    /// Bytes of the saved session of one row after it was read; nil without sessions.
    public var stateBytes: Int?

    /// See the properties.
    public init(
        length: Int, accuracy: Double, scaledAccuracy: Double, wholeRows: Double, examples: Int, answers: Int,
        bitsPerAnswer: Double? = nil, stateBytes: Int? = nil
    ) {
        self.length = length
        self.accuracy = accuracy
        self.scaledAccuracy = scaledAccuracy
        self.wholeRows = wholeRows
        self.examples = examples
        self.answers = answers
        self.bitsPerAnswer = bitsPerAnswer
        self.stateBytes = stateBytes
    }

    enum CodingKeys: String, CodingKey {
        case length, accuracy
        case scaledAccuracy = "scaled_accuracy"
        case wholeRows = "whole_rows"
        case examples, answers
        case bitsPerAnswer = "bits_per_answer"
        case stateBytes = "state_bytes"
    }

    /// All keys are always there; what is not known is `null`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(length, forKey: .length)
        try container.encode(accuracy, forKey: .accuracy)
        try container.encode(scaledAccuracy, forKey: .scaledAccuracy)
        try container.encode(wholeRows, forKey: .wholeRows)
        try container.encode(examples, forKey: .examples)
        try container.encode(answers, forKey: .answers)
        try container.encode(bitsPerAnswer, forKey: .bitsPerAnswer)
        try container.encode(stateBytes, forKey: .stateBytes)
    }
}
