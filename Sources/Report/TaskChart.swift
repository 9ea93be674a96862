import Evaluation
import Experiments

/// What the script draws of one task.
struct TaskChart: Encodable {
    /// At one tested length, means over the seeds that ended well.
    struct Point: Encodable {
        let length: Int
        let accuracy: Double
        /// nil without sessions.
        let state: Int?
    }

    /// One document of a stream, means over the seeds.
    struct Document: Encodable {
        let document: Int
        let carried: Double
        let fresh: Double
    }

    /// One model, all seeds together.
    struct Line: Encodable {
        let model: String
        let points: [Point]
        let documents: [Document]
    }

    /// One run over training.
    struct Run: Encodable {
        let model: String
        let seed: UInt64
        let failed: Bool
        let steps: [Int]
        let accuracies: [Double]
    }

    let chance: Double
    let learned: Int
    let lines: [Line]
    let runs: [Run]

    init(_ task: TaskResult, _ summaries: [TaskSummary]) {
        chance = task.chance
        learned = task.trainLength
        let own = summaries.filter { $0.task.specification == task.specification }
        lines = own.map { summary in
            Line(
                model: summary.model,
                points: summary.lengths.compactMap { length in
                    summary.accuracy(at: length).map { Point(length: length, accuracy: $0.mean, state: summary.stateBytes(at: length)) }
                },
                documents: summary.documents.map { Document(document: $0.document, carried: $0.carried, fresh: $0.fresh) })
        }
        runs = own.flatMap { summary in
            summary.rows.compactMap { row -> Run? in
                guard let curve = row.task?.curve, !curve.isEmpty else { return nil }
                return Run(
                    model: row.model, seed: row.seed, failed: row.status != .ok, steps: curve.map(\.step), accuracies: curve.map(\.accuracy))
            }
        }
    }
}
