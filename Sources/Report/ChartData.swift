import Experiments

/// What the script of the page draws: no more points than can be seen. All of them are in `results.json`.
struct ChartData: Encodable {
    struct Model: Encodable {
        let look: ModelLook
        let family: String
    }

    /// Decoding of one model, means over its seeds.
    struct Decoding: Encodable {
        let model: String
        let contexts: [Int]
        let speed: [Double?]
        let state: [Int?]
    }

    /// One run on a generated task.
    struct TaskRun: Encodable {
        let model: String
        let seed: UInt64
        let status: RunStatus
        let task: TaskResult
    }

    let models: [Model]
    /// Seeds of the comparison.
    let seeds: Int
    let best: Double?
    let lines: [LearningLine]
    let decoding: [Decoding]
    let tasks: [TaskRun]
    let variants: [VariantChart]

    init(_ results: ComparisonResults, _ summaries: [ModelSummary], _ looks: [ModelLook], families: [String: String]) {
        models = looks.map { Model(look: $0, family: families[$0.model] ?? "") }
        seeds = results.budget.seeds.count
        best = results.data.bestPossibleBitsPerByte
        let context = results.budget.context
        variants = VariantSummary.summarise(results.rows).map(VariantChart.init)
        tasks = results.rows.compactMap { row in
            row.task.map { TaskRun(model: row.model, seed: row.seed, status: row.status, task: $0) }
        }
        // The curve of a task counts bits of an answer: it is drawn as accuracy.
        lines = summaries.filter { $0.rows.allSatisfy { $0.task == nil } }.flatMap { summary in
            [LearningLine(summary.finished, context: context)].compactMap(\.self)
                + summary.rows.filter { $0.status != .ok }.compactMap { LearningLine([$0], context: context, failed: true) }
        }
        let contexts = results.decodeContexts
        decoding = summaries.filter { !$0.finished.isEmpty }.map { summary in
            Decoding(
                model: summary.model, contexts: contexts, speed: contexts.map { summary.decodeTokensPerSecond(at: $0) },
                state: contexts.map { summary.stateBytes(at: $0) })
        }
    }
}
