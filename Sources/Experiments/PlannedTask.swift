public import Evaluation
import SequenceModel
import Training

/// A task as the planner needs it.
struct PlannedTask {
    let specification: TaskSpecification
    let task: any SequenceTask
    /// What stands in the ids of its runs: its name, with a number where several tasks have that.
    let label: String
    let data: DataSummary

    /// One for each, in order. Throws `ZooError` for a task that this version does not have.
    static func all(_ specifications: [TaskSpecification]) throws -> [PlannedTask] {
        try specifications.enumerated().map { index, specification in
            let same = specifications.filter { $0.name == specification.name }
            let number = specifications[...index].count { $0.name == specification.name }
            return PlannedTask(
                specification: specification, task: try specification.make(),
                label: same.count > 1 ? "\(specification.name)-\(number)" : specification.name,
                data: try DataSummary(tasks: [specification]))
        }
    }

    /// Tokens of the longest training row.
    var context: Int { task.trainLengths.upperBound }

    /// Symbols of the longest row that the model is given, in training or testing.
    func longestRow(for description: ModelDescription) -> Int {
        let inPlace = description.capabilities.contains(.targetsInPlace)
        return TaskSource.longestRow(task, lengths: task.testLengths + [context], targetsInPlace: inPlace)
    }
}

extension DataSummary {
    /// Of rows that are made as they are needed: there are no bytes.
    public init(tasks: [TaskSpecification]) throws {
        let hashes = try tasks.map { try $0.sha256 }
        let whole = hashes.count == 1 ? hashes[0] : TextData(Array(hashes.joined(separator: " ").utf8), name: "tasks").sha256
        self.init(
            sources: tasks.map { "task \($0.text)" }, sha256: whole, bytes: 0, splits: .init(train: 0, validation: 0, test: 0))
    }
}
