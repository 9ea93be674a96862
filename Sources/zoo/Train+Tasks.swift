import Evaluation
import PluginHost
import SequenceModel
import Training

extension Train {
    /// Symbols of the longest row that the model will be given.
    func longestRow(_ text: String, _ description: ModelDescription) throws -> Int {
        let task = try TaskSpecification(text).make()
        return TaskSource.longestRow(
            task, lengths: task.testLengths + [task.trainLengths.upperBound],
            targetsInPlace: description.capabilities.contains(.targetsInPlace))
    }

    /// What the trained model makes of the task at each length.
    func answers(_ run: TrainingRun, _ specification: TaskSpecification) throws -> [TaskLengthFigure] {
        let task = try specification.make()
        let measure = TaskMeasurement(model: run.trainer.model, task: task, batch: run.options.batch)
        do {
            return try task.testLengths.map { try measure.figure(length: $0) { try Interruption.check() } }
        } catch let error as SequenceModelError {
            try Interruption.check()
            throw ZooError(error, while: "\(model) on \(specification)")
        }
    }

    static func json(_ figure: TaskLengthFigure) -> JSONValue {
        .object([
            "length": .integer(Int64(figure.length)), "accuracy": .number(figure.accuracy),
            "scaled_accuracy": .number(figure.scaledAccuracy), "whole_rows": .number(figure.wholeRows),
            "examples": .integer(Int64(figure.examples)), "answers": .integer(Int64(figure.answers)),
            "bits_per_answer": figure.bitsPerAnswer.json, "state_bytes": figure.stateBytes.json,
        ])
    }
}
