import PluginHost
public import SequenceModel
public import Training

/// A task as what a run is trained on and validated by.
public final class TaskSource: BatchSource {
    /// The task's name and parameters.
    public let specification: TaskSpecification
    /// The task.
    public let task: any SequenceTask
    /// Of the task's rows and its parameters.
    public let sha256: String
    private let rows: TaskRows
    private let options: TrainingOptions
    private let orderKey: RandomKey
    private let lossKey: RandomKey
    private let freshRows: TaskRows
    /// Of the training set in one epoch.
    private var order: (epoch: Int, indices: [Int]) = (-1, [])

    /// - Parameter options: their batch, accumulation and seed; what is tested and, where the training set is finite, what is in it is the same
    ///   for every seed.
    /// - Throws: `ZooError`.
    public init(_ specification: TaskSpecification, options: TrainingOptions) throws {
        self.specification = specification
        self.options = options
        task = try specification.make()
        sha256 = try specification.sha256
        rows = TaskRows(task, key: TaskSource.rowKey)
        let key = RandomKey(seed: options.seed).split("task training")
        freshRows = TaskRows(task, key: key.split("rows"))
        orderKey = key.split("order")
        lossKey = RandomKey(seed: options.seed).split("training loss")
    }

    /// Of validation, test and finite training sets.
    static let rowKey = RandomKey(seed: 0).split("task rows")

    /// The task as it is written on the command line.
    public var name: String { "task \(specification.text)" }
    /// Of the task.
    public var alphabet: Int { task.vocabulary }
    /// Nothing of it is in a file.
    public var targetsInPass: Int { 0 }
    /// Nothing of it is in a file.
    public func checkUnchanged() throws {}

    /// The task and its hash.
    public var summary: JSONObject {
        ["name": .string(name), "sha256": .string(sha256), "task": .string(specification.text)]
    }

    /// In training or validation.
    public func longestRow(targetsInPlace: Bool) -> Int {
        TaskSource.longestRow(task, lengths: [task.trainLengths.upperBound], targetsInPlace: targetsInPlace)
    }

    /// Symbols of the longest row that a model is given at any of `lengths`.
    public static func longestRow(_ task: any SequenceTask, lengths: [Int], targetsInPlace: Bool) -> Int {
        let longest = lengths.max() ?? 0
        guard targetsInPlace else { return longest }
        return task.answersFollow ? longest + 1 : 2 * longest
    }

    /// Rows of one length, which is drawn for the step.
    public func batch(step: Int, part: Int, targetsInPlace: Bool) -> Batch {
        var stream = orderKey.split("length").split(UInt64(step)).stream
        let length = task.trainLengths.lowerBound + stream.index(below: task.trainLengths.count)
        let first = (step * options.accumulate + part) * options.batch
        let examples = (first ..< first + options.batch).map { place in
            task.trainingRows == 0
                ? freshRows.row(place, part: .train, length: length)
                : rows.row(index(at: place), part: .train, length: length)
        }
        var batch = Batch(
            examples: examples, of: task, everywhere: task.learnsEverySymbol, targetsInPlace: targetsInPlace,
            key: lossKey.split(UInt64(step)).split(UInt64(part)))
        if options.accumulate > 1 {
            // The mean of the parts' means: parts of one length have nearly as many targets.
            let weight = 1 / Float(max(batch.targetCount, 1) * options.accumulate)
            batch.weights = batch.targets.map { $0 >= 0 ? weight : 0 }
        }
        return batch
    }

    /// The row of the training set that stands at `place` of the endless sequence of shuffled epochs.
    private func index(at place: Int) -> Int {
        let count = task.trainingRows
        let epoch = place / count
        if order.epoch != epoch {
            var stream = orderKey.split("epoch").split(UInt64(epoch)).stream
            order = (epoch, stream.permutation(count))
        }
        return order.indices[place % count]
    }

    /// The rows that validate, in the lengths of training: 256, fewer where they would cost more than a tenth of training.
    private var validationRows: [[TaskExample]] {
        let lengths = task.trainLengths
        let affordable = options.evaluationSize / max(lengths.upperBound, 1)
        let count = min(max(affordable, 32), 256)
        // So many lengths that every one of them has 16 rows, spread over the range, its ends among them.
        let distinct = min(lengths.count, count / 16)
        return (0 ..< distinct).map { index in
            let length = distinct == 1
                ? lengths.upperBound : lengths.lowerBound + index * (lengths.count - 1) / (distinct - 1)
            return rows.rows(0 ..< count / distinct, part: .validation, length: length)
        }
    }

    /// Loss and accuracy on rows that training never sees, at the lengths of training.
    public func validation(of model: any SequenceModel) throws -> ValidationRecord? {
        let measure = TaskMeasurement(model: model, task: task, batch: options.batch)
        var (answers, right, weight, loss) = (0, 0, 0, 0.0)
        for group in validationRows {
            let found = try measure.answers(group)
            answers += found.asked
            right += found.right
            let mean = try measure.loss(group)
            loss += mean.nats * Double(mean.targets)
            weight += mean.targets
        }
        guard weight > 0, answers > 0 else { return nil }
        return ValidationRecord(loss: loss / Double(weight), accuracy: Double(right) / Double(answers))
    }
}
