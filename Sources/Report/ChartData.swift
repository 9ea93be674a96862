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

    let models: [Model]
    /// Seeds of the comparison.
    let seeds: Int
    let best: Double?
    let lines: [LearningLine]
    let decoding: [Decoding]
    /// In the order of the page; empty on text.
    let tasks: [TaskChart]
    let variants: [VariantChart]

    init(_ results: ComparisonResults, _ summaries: [ModelSummary], _ looks: [ModelLook], families: [String: String]) {
        let answers = TaskSummary.summarise(results.rows)
        tasks = TaskTable.tasks(answers).map { TaskChart($0, answers) }
        models = looks.map { Model(look: $0, family: families[$0.model] ?? "") }
        seeds = results.budget.seeds.count
        best = results.data.bestPossibleBitsPerByte
        let context = results.budget.context
        variants = VariantSummary.summarise(results.rows).map(VariantChart.init)
        lines = summaries.flatMap { summary in
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
