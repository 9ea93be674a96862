import Experiments
import Foundation

extension ScalingPage {
    private static let neutral = "#5a6675"

    /// Every chart of the page.
    var allCharts: [ScalingChart] {
        [lossChart, frontierChart("frontier-size", "best size, parameters", \.parameters), frontierChart("frontier-tokens", "best number of tokens", \.tokens)]
            + models.flatMap(modelCharts)
    }

    /// `count` numbers from `low` to `high`, evenly spaced on a logarithmic axis.
    private func steps(_ low: Double, _ high: Double, _ count: Int = 40) -> [Double] {
        guard low > 0, high > low else { return [low] }
        return (0 ..< count).map { low * pow(high / low, Double($0) / Double(count - 1)) }
    }

    private var lossChart: ScalingChart {
        var series: [ScalingChart.Series] = []
        for model in models {
            guard let look = looks[model.model] else { continue }
            let own = results.points.filter { $0.model == model.model }
            series.append(
                .init(label: model.model, colour: look.colour, shape: look.shape, points: own.map { [$0.operations, $0.loss] }))
            guard let frontier = model.operations else { continue }
            let measured = frontier.points.filter { !$0.isExtrapolated }
            // In the order of the budgets: what lies beyond the runs may also lie below the smallest.
            let beyond = frontier.points.contains(where: \.isExtrapolated) ? frontier.points : []
            if measured.count > 1 {
                series.append(
                    .init(label: "", colour: look.colour, dash: [], points: measured.map { [$0.budget, $0.loss.estimate] }))
            }
            if beyond.count > 1 {
                series.append(
                    .init(
                        label: "", colour: look.colour, dash: [6, 4], points: beyond.map { [$0.budget, $0.loss.estimate] },
                        bars: beyond.map { [$0.loss.low, $0.loss.high] }))
            }
        }
        if let best = results.data.bestPossibleBitsPerByte, let low = results.points.map(\.operations).min(),
            let high = results.points.map(\.operations).max()
        {
            series.append(
                .init(label: "best possible", colour: ScalingPage.neutral, dash: [2, 3], points: [[low, best * log(2)], [high * 10, best * log(2)]]))
        }
        return ScalingChart(
            id: "losses", x: .init("operations of training", .operations), y: .init("loss, nats a byte", .loss, isLogarithmic: false), series: series)
    }

    private func frontierChart(_ id: String, _ title: String, _ figure: (ScalingFrontier.Point) -> Interval) -> ScalingChart {
        let series = models.compactMap { model -> ScalingChart.Series? in
            guard let look = looks[model.model], let points = model.operations?.points, !points.isEmpty else { return nil }
            return .init(
                label: model.model, colour: look.colour, shape: look.shape, dash: look.dash,
                points: points.map { [$0.budget, figure($0).estimate] }, bars: points.map { [figure($0).low, figure($0).high] })
        }
        return ScalingChart(id: id, x: .init("operations of training", .operations), y: .init(title, .count), series: series)
    }

    private func modelCharts(_ model: ModelScaling) -> [ScalingChart] {
        let id = ScalingPage.identifier(looks[model.model]?.index ?? 0)
        let own = results.points.filter { $0.model == model.model }
        let sizes = Set(own.map(\.size)).sorted()
        let tokens = Set(own.map(\.tokens)).sorted()
        let range = (own.map(\.tokens).min().map(Double.init) ?? 1, own.map(\.tokens).max().map(Double.init) ?? 1)
        let widths = (own.map(\.parameters).min().map(Double.init) ?? 1, own.map(\.parameters).max().map(Double.init) ?? 1)
        var byTokens: [ScalingChart.Series] = []
        for (index, size) in sizes.enumerated() {
            let look = ModelLook(model: "", index: index)
            let runs = own.filter { $0.size == size }
            byTokens.append(
                .init(label: SizeText.short(size), colour: look.colour, shape: look.shape, points: runs.map { [Double($0.tokens), $0.loss] }))
            if let law = model.fit?.law, let parameters = mean(runs) {
                byTokens.append(
                    .init(
                        label: "", colour: look.colour, dash: look.dash,
                        points: steps(range.0, range.1).map { [$0, law.loss(parameters: parameters, tokens: $0)] }))
            }
        }
        var bySize: [ScalingChart.Series] = []
        // A grid of equal operations has as many token counts as runs: lines for a few of them say enough.
        let shown = tokens.count <= 7 ? tokens : stride(from: 0, to: tokens.count, by: max(tokens.count / 6, 1)).map { tokens[$0] }
        for (index, count) in shown.enumerated() {
            let look = ModelLook(model: "", index: index)
            let runs = own.filter { $0.tokens == count }
            bySize.append(
                .init(label: SizeText.short(count), colour: look.colour, shape: look.shape, points: runs.map { [Double($0.parameters), $0.loss] }))
            if let law = model.fit?.law, !results.excludesEmbeddings {
                bySize.append(
                    .init(
                        label: "", colour: look.colour, dash: look.dash,
                        points: steps(widths.0, widths.1).map { [$0, law.loss(parameters: $0, tokens: Double(count))] }))
            }
        }
        var residuals: [ScalingChart.Series] = []
        if let fit = model.fit, fit.residuals.count == own.count {
            for (index, size) in sizes.enumerated() {
                let look = ModelLook(model: "", index: index)
                let points = zip(own, fit.residuals).filter { $0.0.size == size }.map { [$0.0.operations, 100 * (exp($0.1) - 1)] }
                residuals.append(.init(label: SizeText.short(size), colour: look.colour, shape: look.shape, points: points))
            }
            let costs = own.map(\.operations)
            if let low = costs.min(), let high = costs.max() {
                residuals.append(.init(label: "", colour: ScalingPage.neutral, dash: [], points: [[low, 0], [high, 0]]))
            }
        }
        let loss = ScalingChart.Axis("loss, nats a byte", .loss, isLogarithmic: false)
        return [
            ScalingChart(id: "\(id)-tokens", x: .init("training tokens", .count), y: loss, series: byTokens),
            ScalingChart(id: "\(id)-sizes", x: .init("parameters", .count), y: loss, series: bySize),
            ScalingChart(
                id: "\(id)-residuals", x: .init("operations of training", .operations),
                y: .init("above the law, %", .percent, isLogarithmic: false), series: residuals),
            ScalingChart(id: "\(id)-profiles", x: .init("parameters", .count), y: loss, series: profiles(model)),
        ]
    }

    private func mean(_ runs: [ScalingPoint]) -> Double? {
        let counts = runs.compactMap { point -> Double? in
            results.excludesEmbeddings ? point.embeddingParameters.map { Double(point.parameters - $0) } : Double(point.parameters)
        }
        return counts.isEmpty ? nil : counts.reduce(0, +) / Double(counts.count)
    }

    private func profiles(_ model: ModelScaling) -> [ScalingChart.Series] {
        var series: [ScalingChart.Series] = []
        for (index, profile) in model.profiles.enumerated() {
            let look = ModelLook(model: "", index: index)
            series.append(
                .init(
                    label: "\(ScalingText.operations(profile.operations)) operations", colour: look.colour, shape: look.shape,
                    points: profile.entries.map { [$0.parameters, $0.loss] }))
            let c = profile.coefficients
            guard c.count == 3, let first = profile.entries.first?.parameters, let last = profile.entries.last?.parameters else { continue }
            series.append(
                .init(
                    label: "", colour: look.colour, dash: look.dash,
                    points: steps(first, last).map { size in
                        let x = log(size / profile.centre)
                        return [size, c[0] + c[1] * x + c[2] * x * x]
                    }))
            if let best = profile.best, let loss = profile.bestLoss {
                // A bar along the size, as a line of its own.
                series.append(.init(label: "", colour: look.colour, dash: [1, 3], points: [[best.low, loss], [best.high, loss]]))
                series.append(.init(label: "", colour: look.colour, shape: "crossRot", points: [[best.estimate, loss]]))
            }
        }
        return series
    }
}
