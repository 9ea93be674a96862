#if canImport(Glibc)
    import Glibc
#endif
import PluginHost
public import SequenceModel

/// Asks a trained model the questions of a task, every model through `predict`, and long rows of those that read in order through a
/// session, a piece at a time.
public struct TaskMeasurement {
    private let model: any SequenceModel
    let task: any SequenceTask
    private let batch: Int
    private let inPlace: Bool

    /// Tokens in one call.
    private static let tokensAtOnce = 1 << 15
    /// Rows longer than that are read through a session where there is one that keeps what it read.
    private static let longRow = 8192

    /// - Parameter batch: most rows in a call.
    public init(model: any SequenceModel, task: any SequenceTask, batch: Int) {
        self.model = model
        self.task = task
        self.batch = max(batch, 64)
        inPlace = model.description.capabilities.contains(.targetsInPlace)
    }

    /// What rows of the test part, the same for every model and seed, come to at `length`.
    ///
    /// - Parameter progress: called between calls into the model; what it throws stops the measurement.
    /// - Throws: `ZooError` `.plugin` for a model that does not predict or answers what cannot be, `.data` for rows too long for it, and what
    ///   the model throws.
    public func figure(length: Int, progress: () throws -> Void = {}) throws -> TaskLengthFigure {
        let examples = TaskRows(task, key: TaskSource.rowKey).rows(0 ..< task.testRows, part: .test, length: length)
        let found = try answers(examples, progress: progress)
        let accuracy = Double(found.right) / Double(max(found.asked, 1))
        var figure = TaskLengthFigure(
            length: length, accuracy: accuracy, scaledAccuracy: (accuracy - task.chance) / (1 - task.chance),
            wholeRows: Double(found.wholeRows) / Double(max(examples.count, 1)), examples: examples.count, answers: found.asked)
        if let nats = found.nats { figure.bitsPerAnswer = nats / Double(max(found.asked, 1)) / log(2) }
        if let row = examples.first { figure.stateBytes = try stateBytes(after: row) }
        return figure
    }

    /// What was asked and found of some rows.
    struct Answers {
        var asked = 0
        var right = 0
        var wholeRows = 0
        /// Of all answers together; nil without a likelihood.
        var nats: Double?
    }

    /// Asks for the answers of `examples`.
    func answers(_ examples: [TaskExample], progress: () throws -> Void = {}) throws -> Answers {
        let description = model.description
        guard description.capabilities.contains(.predicts) else {
            throw ZooError(
                .plugin, "\(description.id) does not predict: tasks ask every model through predict",
                hint: "compare without \(description.id)")
        }
        let longest = examples.map(\.tokens.count).max() ?? 0
        try checkFit(longest)
        if longest > TaskMeasurement.longRow, !inPlace, description.capabilities.contains(.session),
            !description.capabilities.contains(.recomputingSession)
        {
            return try SessionAnswers(model: model).read(examples, progress: progress)
        }
        var result = Answers()
        if description.likelihood != .none { result.nats = 0 }
        for group in groups(examples) {
            let asked = Batch(examples: group, of: task, targetsInPlace: inPlace, key: RandomKey(seed: 0).split("task answers"))
            try count(model.predict(asked).symbols, of: asked, into: &result)
            if description.likelihood != .none {
                let score = try model.score(asked, samples: 0)
                guard score.nats.count == asked.targets.count else {
                    throw ZooError(.plugin, "\(description.id) gave \(score.nats.count) scores for \(asked.targets.count) positions")
                }
                let nats = zip(score.nats, asked.targets).reduce(0) { $1.1 >= 0 ? $0 + Double($1.0) : $0 }
                result.nats = (result.nats ?? 0) + nats
            }
            try progress()
        }
        return result
    }

    private func count(_ symbols: [Int32], of asked: Batch, into result: inout Answers) throws {
        guard symbols.count == asked.targets.count else {
            throw ZooError(.plugin, "\(model.description.id) predicted \(symbols.count) symbols for \(asked.targets.count) positions")
        }
        for row in 0 ..< asked.rows {
            let places = (row * asked.length ..< (row + 1) * asked.length).filter { asked.targets[$0] >= 0 }
            let right = places.count { symbols[$0] == asked.targets[$0] }
            result.asked += places.count
            result.right += right
            result.wholeRows += right == places.count ? 1 : 0
        }
    }

    /// Mean nats of what training asks for, and how many targets that were.
    func loss(_ examples: [TaskExample]) throws -> (nats: Double, targets: Int) {
        let isScored = model.description.capabilities.contains(.auxiliaryLoss)
        var (sum, targets) = (0.0, 0)
        for (index, group) in groups(examples).enumerated() {
            let key = RandomKey(seed: 0).split("task validation").split(UInt64(index))
            let asked = Batch(examples: group, of: task, everywhere: task.learnsEverySymbol, targetsInPlace: inPlace, key: key)
            let count = asked.targetCount
            // A loss with further terms is no mean of nats.
            sum += isScored ? try model.score(asked, samples: 0).nats.reduce(0) { $0 + Double($1) } : try model.loss(asked) * Double(count)
            targets += count
        }
        return (sum / Double(max(targets, 1)), targets)
    }

    /// So many rows together as fit into a call.
    private func groups(_ examples: [TaskExample]) -> [[TaskExample]] {
        let longest = examples.map(\.tokens.count).max() ?? 1
        let size = max(1, min(batch, TaskMeasurement.tokensAtOnce / max(longest, 1)))
        return stride(from: 0, to: examples.count, by: size).map { Array(examples[$0 ..< min($0 + size, examples.count)]) }
    }

    private func checkFit(_ longest: Int) throws {
        let length = TaskSource.longestRow(task, lengths: [longest], targetsInPlace: inPlace)
        guard let limit = model.shape.maximumTokens, length > limit else { return }
        throw ZooError(
            .data, "rows of \(length) symbols are asked; this configuration of \(model.description.id) takes \(limit)",
            hint: "test at shorter lengths: test_lengths=…, or give it a configuration for longer rows")
    }

    /// The saved state of a session that has read the row; nil for a model without sessions.
    private func stateBytes(after row: TaskExample) throws -> Int? {
        let capabilities = model.description.capabilities
        guard capabilities.contains(.session), !capabilities.contains(.recomputingSession) else { return nil }
        do {
            let session = try model.openSession(rows: 1)
            try SessionAnswers.append(row.tokens[...], to: session)
            return try session.save().count
        } catch let error as SequenceModelError where error.code == .unimplemented || error.code == .resourceExhausted {
            return nil
        }
    }
}
