/// Costs of several models against context: curves, how they grow, where they cross, and what a million tokens would cost.
public struct CostCurves: Codable, Sendable, Equatable {
    /// `CostCurve.method` of models that write with a sampler of their own.
    static let sampler = "sampler"
    /// Of models that write one token after another.
    static let tokenByToken = "token by token"

    /// Model by model, in the order of the models.
    public var curves: [CostCurve]
    /// Pairs that cross within the contexts that were measured, and pairs of which one always costs less.
    public var crossovers: [Crossover]
    /// In the order of the models.
    public var longContext: [LongContext]

    enum CodingKeys: String, CodingKey {
        case curves, crossovers
        case longContext = "long_context"
    }

    /// - Complexity: O(models² · contexts)
    public init(_ curves: [CostCurve], pricePerHour: Double? = nil) {
        let curves = curves.filter { !$0.points.isEmpty || !$0.gaps.isEmpty }
        self.curves = curves
        var crossovers: [Crossover] = []
        for metric in CostMetric.allCases {
            let own = curves.filter { $0.metric == metric }
            for (index, one) in own.enumerated() {
                for other in own[(index + 1)...] { crossovers += Crossover.between(one, other) }
            }
        }
        self.crossovers = crossovers
        let names = curves.reduce(into: [String]()) { if !$0.contains($1.model) { $0.append($1.model) } }
        longContext = names.map { LongContext(model: $0, curves: curves, pricePerHour: pricePerHour) }
    }

    /// What a comparison measured of decoding: means over the runs of each model.
    public init(_ results: ComparisonResults, pricePerHour: Double? = nil) {
        let summaries = ModelSummary.summarise(results.rows)
        let names = results.rows.reduce(into: [String]()) { if !$0.contains($1.model) { $0.append($1.model) } }
        let contexts = results.decodeContexts
        var curves: [CostCurve] = []
        for name in names {
            // Of several configurations under one name the first stands for it: curves of two would not be one.
            guard let summary = summaries.first(where: { $0.model == name && !$0.finished.isEmpty }) else { continue }
            let methods = Set(summary.finished.flatMap { $0.decode.map(\.method) })
            let method = methods.contains("generation") ? CostCurves.sampler : CostCurves.tokenByToken
            func points(_ figure: (Int) -> Double?) -> [CostCurve.Point] {
                contexts.compactMap { context in figure(context).map { CostCurve.Point(context: context, value: $0) } }
            }
            let gaps = contexts.compactMap { context in
                summary.decodeReason(at: context).map { CostCurve.Gap(context: context, reason: $0) }
            }
            curves.append(
                CostCurve(
                    model: name, metric: .decoding, method: method,
                    points: points { summary.decodeTokensPerSecond(at: $0).flatMap { $0 > 0 ? 1 / $0 : nil } }, gaps: gaps))
            curves.append(CostCurve(model: name, metric: .state, points: points { summary.stateBytes(at: $0).map(Double.init) }))
            curves.append(
                CostCurve(
                    model: name, metric: .decodingMemory, method: method,
                    points: points { summary.decodePeakMemoryBytes(at: $0).map(Double.init) }))
        }
        self.init(curves, pricePerHour: pricePerHour)
    }
}
