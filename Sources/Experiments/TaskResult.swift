public import Evaluation
import SequenceModel

/// What a run made of the task that it was trained on.
public struct TaskResult: Codable, Sendable, Equatable {
    /// Accuracy at which a task counts as solved.
    public static let solved = 0.95

    /// Of the task.
    public var name: String
    /// As it is written on the command line.
    public var specification: TaskSpecification
    /// All parameters, defaults too.
    public var parameters: ConfigurationJSON
    /// Symbols of the task.
    public var vocabulary: Int
    /// Accuracy of the best answer that looks at nothing.
    public var chance: Double
    /// Longest training row.
    public var trainLength: Int
    /// One figure for each length that is tested, ascending, as far as the run came.
    public var lengths: [TaskLengthFigure]
    /// Document by document with and without the earlier ones; empty where the task has no documents.
    public var documents: [TaskDocumentFigure]
    /// First step at whose validation the accuracy was `solved` or more; nil: never.
    public var solvedAtStep: Int?
    /// Of the last validation; nil without one.
    public var validationAccuracy: Double?
    /// Each validation over training.
    public var curve: [TaskCurvePoint]

    /// A result without figures.
    ///
    /// - Throws: `ZooError` for a task that this version does not have.
    public init(_ specification: TaskSpecification) throws {
        let task = try specification.make()
        name = specification.name
        self.specification = specification
        parameters = ConfigurationJSON(.object(try specification.json))
        vocabulary = task.vocabulary
        chance = task.chance
        trainLength = task.trainLengths.upperBound
        lengths = []
        documents = []
        curve = []
    }

    enum CodingKeys: String, CodingKey {
        case name, specification, parameters, vocabulary, chance
        case trainLength = "train_length"
        case lengths, documents
        case solvedAtStep = "solved_at_step"
        case validationAccuracy = "validation_accuracy"
        case curve
    }

    /// All keys are always there; what is not known is `null`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(specification, forKey: .specification)
        try container.encode(parameters, forKey: .parameters)
        try container.encode(vocabulary, forKey: .vocabulary)
        try container.encode(chance, forKey: .chance)
        try container.encode(trainLength, forKey: .trainLength)
        try container.encode(lengths, forKey: .lengths)
        try container.encode(documents, forKey: .documents)
        try container.encode(solvedAtStep, forKey: .solvedAtStep)
        try container.encode(validationAccuracy, forKey: .validationAccuracy)
        try container.encode(curve, forKey: .curve)
    }

    /// The figure at the longest length within those of training, else at the shortest: what one number says of the run.
    public var atTrainingLength: TaskLengthFigure? { lengths.last { $0.length <= trainLength } ?? lengths.first }
}
