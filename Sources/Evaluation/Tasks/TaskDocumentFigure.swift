/// What a model made of one document of a stream, with all that was read before it and without.
public struct TaskDocumentFigure: Codable, Sendable, Equatable {
    /// Place in the stream, from 1.
    public var document: Int
    /// Accuracy with the earlier documents read before.
    public var carried: Double
    /// Accuracy of the same answers from the document alone.
    public var fresh: Double
    /// Mean bits of an answer with the earlier documents; nil without a likelihood.
    public var carriedBits: Double?
    /// Mean bits of an answer from the document alone; nil without a likelihood.
    public var freshBits: Double?
    /// Answers that were asked for, each way.
    public var answers: Int

    /// See the properties.
    public init(document: Int, carried: Double, fresh: Double, carriedBits: Double? = nil, freshBits: Double? = nil, answers: Int) {
        self.document = document
        self.carried = carried
        self.fresh = fresh
        self.carriedBits = carriedBits
        self.freshBits = freshBits
        self.answers = answers
    }

    enum CodingKeys: String, CodingKey {
        case document, carried, fresh
        case carriedBits = "carried_bits"
        case freshBits = "fresh_bits"
        case answers
    }

    /// All keys are always there; what is not known is `null`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(document, forKey: .document)
        try container.encode(carried, forKey: .carried)
        try container.encode(fresh, forKey: .fresh)
        try container.encode(carriedBits, forKey: .carriedBits)
        try container.encode(freshBits, forKey: .freshBits)
        try container.encode(answers, forKey: .answers)
    }
}
