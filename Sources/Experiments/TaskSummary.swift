import Evaluation

/// What the runs of one model made of one task, over the seeds.
public struct TaskSummary: Sendable, Equatable {
    /// Model id.
    public var model: String
    /// Of the first row.
    public var task: TaskResult
    /// Every run, failed ones too, in the order of the results.
    public var rows: [ResultRow]

    /// Mean accuracy over the seeds, and its 95 % interval.
    public struct Accuracy: Sendable, Equatable {
        /// Over the seeds that ended well.
        public var mean: Double
        /// Half the width of the interval (Student's t over seeds); nil with one seed.
        public var halfWidth: Double?
    }

    /// One summary for each task, model and configuration, in the order of the rows.
    public static func summarise(_ rows: [ResultRow]) -> [TaskSummary] {
        var summaries: [TaskSummary] = []
        for row in rows {
            guard let task = row.task else { continue }
            let index = summaries.firstIndex {
                $0.model == row.model && $0.task.specification == task.specification && $0.rows[0].config == row.config
            }
            if let index {
                summaries[index].rows.append(row)
            } else {
                summaries.append(TaskSummary(model: row.model, task: task, rows: [row]))
            }
        }
        return summaries
    }

    /// Lengths with a figure, ascending.
    public var lengths: [Int] { Set(rows.flatMap { $0.task?.lengths.map(\.length) ?? [] }).sorted() }

    /// At `length`, of the runs that ended well; nil when there is none.
    public func accuracy(at length: Int, scaled: Bool = false) -> Accuracy? {
        summary(figures(at: length).map { scaled ? $0.scaledAccuracy : $0.accuracy })
    }

    /// Of each run that ended well and has a figure at `length`.
    public func accuracies(at length: Int) -> [Double] { figures(at: length).map(\.accuracy) }

    /// Mean bits of an answer at `length`; nil without a likelihood.
    public func bits(at length: Int) -> Double? { summary(figures(at: length).compactMap(\.bitsPerAnswer))?.mean }

    /// Bytes of the saved session after a row of `length`.
    public func stateBytes(at length: Int) -> Int? { figures(at: length).compactMap(\.stateBytes).max() }

    /// Rows that were tested at `length`, in each run.
    public func examples(at length: Int) -> Int? { figures(at: length).first?.examples }

    /// Document by document, means over the runs that ended well, with the number of the document; empty where there are no documents.
    public var documents: [(document: Int, carried: Double, fresh: Double)] {
        let all = finished.flatMap { $0.task?.documents ?? [] }
        return Set(all.map(\.document)).sorted().compactMap { number in
            let figures = all.filter { $0.document == number }
            guard let carried = summary(figures.map(\.carried)), let fresh = summary(figures.map(\.fresh)) else { return nil }
            return (number, carried.mean, fresh.mean)
        }
    }

    /// Steps of the runs that solved it, ascending.
    public var solvedSteps: [Int] { finished.compactMap { $0.task?.solvedAtStep }.sorted() }

    /// Rows that ended well.
    public var finished: [ResultRow] { rows.filter { $0.status == .ok } }

    /// The length that one number is given for: the longest that training knows, else the shortest.
    public var mainLength: Int? { lengths.last { $0 <= task.trainLength } ?? lengths.first }

    private func figures(at length: Int) -> [TaskLengthFigure] {
        finished.compactMap { $0.task?.lengths.first { $0.length == length } }
    }

    private func summary(_ values: [Double]) -> Accuracy? {
        guard !values.isEmpty else { return nil }
        let mean = values.reduce(0, +) / Double(values.count)
        guard values.count > 1 else { return Accuracy(mean: mean) }
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
        let quantile = StudentT.quantile975(degreesOfFreedom: values.count - 1)
        return Accuracy(mean: mean, halfWidth: quantile * (variance / Double(values.count)).squareRoot())
    }
}
