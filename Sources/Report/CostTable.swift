public import Experiments
import Foundation

/// Costs against context on the terminal: a table for each metric, crossovers in sentences, a million tokens.
public enum CostTable {
    /// - Parameter width: columns of the terminal; nil where there is none.
    public static func text(_ results: CostResults, width: Int? = nil) -> String {
        var parts: [String] = []
        for metric in CostMetric.allCases {
            guard let table = table(results.analysis, metric) else { continue }
            parts.append(metric.title + "\n" + (width.map { table.text(width: $0, repeating: ["model"]) } ?? table.text))
        }
        if let table = longContext(results.analysis, price: results.pricePerHour) {
            parts.append(
                "A context of 1M tokens (2²⁰), carried beyond what was measured\n"
                    + (width.map { table.text(width: $0, repeating: ["model"]) } ?? table.text))
        }
        var lines = sentences(results.analysis).crossing.map { $0.prefix(1).uppercased() + $0.dropFirst() + "." }
        lines += sentences(results.analysis).steady.map { $0.prefix(1).uppercased() + $0.dropFirst() + "." }
        lines += gaps(results.analysis)
        lines += results.models.filter { !$0.detail.isEmpty }.map { "\($0.model): \($0.detail)" }
        parts.append(
            lines.map(TextTable.printable).flatMap { line in width.map { WrappedText.lines(line, width: $0) } ?? [line] }
                .map { $0 + "\n" }.joined())
        return parts.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private static func table(_ analysis: CostCurves, _ metric: CostMetric) -> TextTable? {
        let curves = analysis.curves.filter { $0.metric == metric && !$0.points.isEmpty }
        let contexts = Set(curves.flatMap { $0.points.map(\.context) }).sorted()
        if contexts.isEmpty { return nil }
        var table = TextTable(
            columns: [("model", .left)] + contexts.map { (SizeText.context($0), .right) } + [("grows as", .left)])
        for curve in curves {
            let cells = contexts.map { context in curve.points.first { $0.context == context }.map { metric.text($0.value) } ?? "–" }
            table.add([curve.model] + cells + [curve.growth?.text ?? "not known: three contexts are needed"])
        }
        return table
    }

    private static func longContext(_ analysis: CostCurves, price: Double?) -> TextTable? {
        let known = analysis.longContext.filter { $0.stateBytes != nil || $0.readingSeconds != nil || $0.writingSeconds != nil }
        if known.isEmpty { return nil }
        var columns: [(String, TextTable.Alignment)] = [("model", .left), ("state", .right), ("to read it", .right), ("to write it", .right)]
        if price != nil { columns += [("price of reading", .right), ("price of writing", .right)] }
        var table = TextTable(columns: columns)
        for item in known {
            var cells = [
                item.model, item.stateBytes.map(CostMetric.state.text) ?? "–", item.readingSeconds.map(duration) ?? "–",
                item.writingSeconds.map(duration) ?? "–",
            ]
            if price != nil { cells += [item.readingMoney.map(CostText.money) ?? "–", item.writingMoney.map(CostText.money) ?? "–"] }
            table.add(cells)
        }
        return table
    }

    /// Long times in days: the laws reach far.
    static func duration(_ seconds: Double) -> String {
        seconds < 2 * 86_400 ? SizeText.duration(seconds) : "\(ScalingText.figure(seconds / 86_400)) days"
    }

    /// What crosses, by context, and what never does.
    static func sentences(_ analysis: CostCurves) -> (crossing: [String], steady: [String]) {
        let crossing = analysis.crossovers.filter { $0.context != nil }
            .sorted { ($0.metric.rawValue, $0.context ?? 0, $0.better) < ($1.metric.rawValue, $1.context ?? 0, $1.better) }
        // One sentence for all that a model is better than in the same way: pairs alone would be as many as models squared.
        var groups: [(first: Crossover, others: [String])] = []
        for pair in analysis.crossovers where pair.context == nil {
            let index = groups.firstIndex {
                $0.first.metric == pair.metric && $0.first.better == pair.better && $0.first.contexts == pair.contexts
            }
            if let index { groups[index].others.append(pair.worse) } else { groups.append((pair, [])) }
        }
        let steady = groups.map { group in
            guard let last = group.others.last else { return group.first.sentence }
            return ([group.first.sentence] + group.others.dropLast()).joined(separator: ", ") + " and " + last
        }
        return (crossing.map(\.sentence), steady)
    }

    /// Contexts without a figure, and figures of a million tokens that are not given.
    static func gaps(_ analysis: CostCurves) -> [String] {
        var lines = analysis.curves.flatMap { curve in
            curve.gaps.map { "\(curve.model), \(curve.metric.rawValue) at \(SizeText.context($0.context)): \($0.reason)" }
        }
        for item in analysis.longContext {
            lines += item.reasons.map { "\(item.model) at 1M tokens: not given. \($0)." }
        }
        return lines
    }
}
