public import Experiments
import Foundation

/// What a scaling study ends with on the terminal: losses, laws, their test, the frontier, and what to make of it.
public enum ScalingTable {
    /// - Parameter width: columns of the terminal; nil where there is none: a line is as long as its table is wide.
    public static func text(_ results: ScalingResults, width: Int? = nil) -> String {
        func show(_ title: String, _ table: TextTable?, _ keys: Set<String>) -> String? {
            guard let table else { return nil }
            return title + "\n" + (width.map { table.text(width: $0, repeating: keys) } ?? table.text)
        }
        let keys: Set<String> = ["model"]
        let parts = [
            show("Loss on the test part, nats a byte, mean over seeds", losses(results), ["model", "size"]),
            show("L = E + A/N^α + B/D^β, with 95 % intervals", laws(results), keys),
            show("The most expensive configurations, left out of the fit and predicted", heldOut(results), keys),
            show("The best size and tokens for a budget of operations", frontier(results, \.operations), keys),
            show("The best size and tokens for seconds of training on this machine", frontier(results, \.seconds), keys),
            show("The best size at equal operations, from parabolas", profiles(results), keys),
            notes(results, width: width),
        ]
        return parts.compactMap(\.self).filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private static func losses(_ results: ScalingResults) -> TextTable? {
        if results.points.isEmpty { return nil }
        let tokens = Set(results.points.map(\.tokens)).sorted()
        // A grid of equal operations has as many token counts as configurations.
        let isWide = tokens.count <= 8
        let heads: [(String, TextTable.Alignment)] = isWide ? tokens.map { (SizeText.short($0), .right) } : [("tokens", .right), ("loss", .right)]
        var table = TextTable(columns: [("model", .left), ("size", .right)] + heads)
        for model in results.models {
            let own = results.points.filter { $0.model == model.model }
            for size in Set(own.map(\.size)).sorted() {
                let row = own.filter { $0.size == size }
                func mean(_ count: Int) -> String? {
                    let values = row.filter { $0.tokens == count }.map(\.loss)
                    return values.isEmpty ? nil : String(format: "%.4f", values.reduce(0, +) / Double(values.count))
                }
                if isWide {
                    table.add([model.model, SizeText.short(size)] + tokens.map { mean($0) ?? "–" })
                } else {
                    for count in tokens {
                        if let loss = mean(count) { table.add([model.model, SizeText.short(size), SizeText.short(count), loss]) }
                    }
                }
            }
        }
        return table
    }

    private static func laws(_ results: ScalingResults) -> TextTable? {
        let fitted = results.models.filter { $0.fit != nil }
        if fitted.isEmpty { return nil }
        var table = TextTable(columns: [
            ("model", .left), ("likelihood", .left), ("runs", .right), ("E", .right), ("α (size)", .right), ("β (text)", .right),
            ("off the law", .right), ("beyond the runs", .left),
        ])
        for model in fitted {
            guard let fit = model.fit else { continue }
            func text(_ interval: Interval?, _ places: Int) -> String { interval.map { ScalingText.interval($0, places: places) } ?? "–" }
            table.add([
                model.model, model.likelihood.rawValue, "\(fit.runs) in \(fit.configurations)", text(fit.irreducible, 3),
                text(fit.parameterExponent, 2), text(fit.tokenExponent, 2), String(format: "%.2f %%", 100 * fit.spread),
                fit.objections.isEmpty ? "usable" : "not usable",
            ])
        }
        return table
    }

    private static func heldOut(_ results: ScalingResults) -> TextTable? {
        let tested = results.models.filter { $0.holdOut != nil }
        if tested.isEmpty { return nil }
        var table = TextTable(columns: [
            ("model", .left), ("size", .right), ("tokens", .right), ("measured", .right), ("predicted", .right), ("error", .right),
            ("in the interval", .left), ("best of the rest", .right),
        ])
        for model in tested {
            guard let test = model.holdOut else { continue }
            for entry in test.entries {
                table.add([
                    model.model, SizeText.short(entry.size), SizeText.short(entry.tokens), String(format: "%.4f", entry.measured),
                    ScalingText.interval(entry.predicted, places: 4), ScalingText.percent(entry.error), entry.isInside ? "yes" : "NO",
                    ScalingText.percent(test.bestFitted / entry.measured - 1),
                ])
            }
        }
        return table
    }

    private static func frontier(_ results: ScalingResults, _ axis: (ModelScaling) -> ScalingFrontier?) -> TextTable? {
        let known = results.models.filter { axis($0)?.points.isEmpty == false }
        guard let unit = known.first.flatMap(axis)?.unit else { return nil }
        var table = TextTable(columns: [
            ("model", .left), (unit.rawValue, .right), ("best size", .right), ("best tokens", .right), ("loss", .right), ("", .left),
        ])
        for model in known {
            for point in axis(model)?.points ?? [] {
                table.add([
                    model.model, budget(point.budget, unit), ScalingText.counts(point.parameters), ScalingText.counts(point.tokens),
                    ScalingText.interval(point.loss, places: 3), point.isExtrapolated ? "extrapolated" : "",
                ])
            }
        }
        return table
    }

    static func budget(_ value: Double, _ unit: ScalingFrontier.Unit) -> String {
        unit == .operations ? ScalingText.operations(value) : SizeText.duration(value)
    }

    private static func profiles(_ results: ScalingResults) -> TextTable? {
        let known = results.models.filter { !$0.profiles.isEmpty }
        if known.isEmpty { return nil }
        var table = TextTable(columns: [("model", .left), ("operations", .right), ("sizes", .right), ("best size", .left)])
        for model in known {
            for profile in model.profiles {
                table.add([
                    model.model, ScalingText.operations(profile.operations), "\(profile.entries.count)",
                    profile.best.map(ScalingText.counts) ?? "not known",
                ])
            }
        }
        return table
    }

    private static func notes(_ results: ScalingResults, width: Int?) -> String {
        lines(results).map(TextTable.printable).flatMap { line in width.map { WrappedText.lines(line, width: $0) } ?? [line] }
            .map { $0 + "\n" }.joined()
    }

    /// What the figures mean and what they do not say; the same sentences stand in the report.
    static func lines(_ results: ScalingResults) -> [String] {
        var lines: [String] = []
        for model in results.models {
            if let refusal = model.refusal {
                lines.append("\(model.model): no fit: \(refusal).\(model.hint.map { " To have one: \($0)." } ?? "")")
            }
            for objection in model.fit?.objections ?? [] { lines.append("\(model.model): not carried beyond the runs: \(objection).") }
            if model.fit?.objections.isEmpty == true {
                for frontier in [model.operations, model.seconds] {
                    if let refusal = frontier?.refusal { lines.append("\(model.model): \(refusal).") }
                }
            }
            if let refusal = model.holdOutRefusal { lines.append("\(model.model): nothing was left out and predicted: \(refusal).") }
            for profile in model.profiles {
                if let refusal = profile.refusal {
                    lines.append("\(model.model) at \(ScalingText.operations(profile.operations)) operations: \(refusal).")
                }
            }
        }
        for failure in results.failures {
            let tokens = failure.tokens.map { " × \(SizeText.short($0)) tokens" } ?? ""
            lines.append(
                "\(failure.model), \(SizeText.short(failure.size))\(tokens), seed \(failure.seed): \(failure.status.rawValue): \(failure.detail)")
        }
        lines += results.warnings
        if results.models.contains(where: { $0.fit != nil }) {
            let count = results.excludesEmbeddings ? "parameters without tables of embeddings" : "all parameters, embeddings included"
            lines.append(
                "N: \(count). E is each model's own: a model that cannot reach the entropy of the text comes to rest above it, and a shared E would "
                    + "bend the laws of the others.")
            lines.append(
                "Intervals: percentiles of \(results.models.compactMap(\.fit).first?.replicates ?? 0) fits to residuals drawn anew over configurations. off the law: root mean square "
                    + "of the residuals. best of the rest: the error of guessing the lowest loss that was fitted.")
        }
        if !results.points.isEmpty {
            lines.append(
                "operations: 6 N D, and in the profiles what attention adds where the configuration tells; for models that use parameters more or less than once "
                    + "a token this is a convention: see the seconds.")
        }
        if Set(results.models.map(\.likelihood)).count > 1 {
            lines.append("Laws of bounds lie above what the models really reach: they are not comparable with exact ones.")
        }
        return lines
    }
}
