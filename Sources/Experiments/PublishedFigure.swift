public import Evaluation

/// A figure that was published, to stand beside what is measured here.
public struct PublishedFigure: Codable, Sendable, Equatable {
    /// What was measured.
    public enum Measure: String, Codable, Sendable, CaseIterable {
        /// Part of the answers that are right.
        case accuracy
        /// The same with 0 at chance and 1 when always right.
        case scaledAccuracy = "scaled_accuracy"
        /// Of the test text.
        case bitsPerByte = "bits_per_byte"
    }

    /// Model id.
    public var model: String
    /// One of the comparison; nil: a figure on text.
    public var task: TaskSpecification?
    /// Of the rows; nil: the longest that training knows for an accuracy, the longest of all for a scaled one.
    public var length: Int?
    /// What `value` is.
    public var measure: Measure
    /// As published.
    public var value: Double
    /// A mean within counts as the same result: how far published runs scatter, or what a figure read off a plot can mean.
    public var low: Double
    /// End of the band.
    public var high: Double
    /// Where it stands: a paper with its table or figure.
    public var source: String

    /// Nothing is checked here.
    public init(
        model: String, task: TaskSpecification?, length: Int? = nil, measure: Measure = .accuracy, value: Double,
        band: ClosedRange<Double>, source: String
    ) {
        self.model = model
        self.task = task
        self.length = length
        self.measure = measure
        self.value = value
        low = band.lowerBound
        high = band.upperBound
        self.source = source
    }

    /// What these rows make of it: the mean over the seeds that ended well, or nil.
    public func measured(in rows: [ResultRow]) -> TaskSummary.Accuracy? {
        guard let task else {
            let summary = ModelSummary.summarise(rows).first { $0.model == model }
            return summary?.bitsPerByte.map { TaskSummary.Accuracy(mean: $0, halfWidth: summary?.halfWidth) }
        }
        let summary = TaskSummary.summarise(rows).first { $0.model == model && $0.task.specification == task }
        guard let summary, let length = length ?? usualLength(summary) else { return nil }
        return summary.accuracy(at: length, scaled: measure == .scaledAccuracy)
    }

    /// Whether a mean is the same result.
    public func agrees(with mean: Double) -> Bool { low <= mean && mean <= high }

    private func usualLength(_ summary: TaskSummary) -> Int? {
        measure == .scaledAccuracy ? summary.lengths.last : summary.mainLength
    }
}
