public import Experiments
import Foundation

/// The table that a comparison ends with on the terminal: one line for each model, kinds of likelihood apart.
public enum ComparisonTable {
    /// The tables, and what their figures mean.
    ///
    /// - Parameter width: columns of the terminal; nil where there is none: a line is as long as its table is wide.
    public static func text(_ results: ComparisonResults, width: Int? = nil) -> String {
        let published = PublishedTable.text(results, width: width)
        if results.rows.contains(where: { $0.task != nil }) {
            return [TaskTable.text(results, width: width), published].filter { !$0.isEmpty }.joined(separator: "\n")
        }
        let summaries = ModelSummary.summarise(results.rows)
        let contexts = results.decodeContexts
        var parts: [String] = []
        for kind in LikelihoodKind.allCases {
            let group = summaries.filter { $0.likelihood == kind }
            if group.isEmpty { continue }
            parts.append(kind.title + "\n" + table(group, contexts: contexts, width: width))
        }
        parts += VariantText.tables(results, width: width)
        return (parts + [notes(results, summaries, width: width), published]).filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private static func table(_ summaries: [ModelSummary], contexts: [Int], width: Int?) -> String {
        let isRanked = summaries.contains { $0.ranks != nil }
        let ends = contexts.isEmpty ? [] : contexts.count == 1 ? contexts : [contexts[0], contexts[contexts.count - 1]]
        var columns: [(String, TextTable.Alignment)] = isRanked ? [("rank", .right)] : []
        columns += [
            ("model", .left), ("likelihood", .left), ("parameters", .right), ("bits/byte", .right),
            ("train tok/s", .right),
        ]
        columns += ends.map { ("decode @\(SizeText.context($0))", .right) }
        columns += ends.map { ("state @\(SizeText.context($0))", .right) }
        columns += [("memory", .right), ("status", .left)]
        var table = TextTable(columns: columns)
        for summary in summaries {
            var cells = isRanked ? [rank(summary)] : []
            cells += [
                summary.model, summary.likelihood.rawValue, summary.rows[0].parameters.map(SizeText.short) ?? "–",
                bits(summary), summary.mean(\.trainTokensPerSecond).map(SizeText.rate) ?? "–",
            ]
            cells += ends.map { summary.decodeTokensPerSecond(at: $0).map(SizeText.rate) ?? "–" }
            cells += ends.map { summary.stateBytes(at: $0).map(SizeText.bytes) ?? "–" }
            let memory = summary.finished.compactMap(\.peakMemoryBytes).max()
            cells += [memory.map(SizeText.bytes) ?? "–", summary.statusText]
            table.add(cells)
        }
        return width.map { table.text(width: $0, repeating: ["rank", "model"]) } ?? table.text
    }

    static func rank(_ summary: ModelSummary) -> String {
        guard let ranks = summary.ranks else { return "–" }
        return ranks.count == 1 ? "\(ranks.lowerBound)" : "\(ranks.lowerBound)–\(ranks.upperBound)"
    }

    static func bits(_ summary: ModelSummary) -> String {
        guard let bits = summary.bitsPerByte else { return "–" }
        let sign = summary.likelihood == .upperBound ? "≤ " : ""
        let spread = summary.halfWidth.map { String(format: " ± %.3f", $0) } ?? ""
        return sign + String(format: "%.3f", bits) + spread
    }

    /// What the figures mean, and why runs failed.
    private static func notes(_ results: ComparisonResults, _ summaries: [ModelSummary], width: Int?) -> String {
        var lines: [String] = []
        if let best = results.data.bestPossibleBitsPerByte {
            lines.append(contentsOf: tooGood(summaries, best))
            lines.append(bestPossible(best))
        }
        lines.append(contentsOf: explanations(summaries))
        let pairs = PairedComparison.all(summaries)
        if !pairs.isEmpty {
            let told = pairs.filter(\.isDifferent).count
            lines.append(
                "Paired over seeds, \(told) of \(pairs.count) pairs are told apart (t-test at 5 % with Holm's correction); the report shows which.")
        }
        lines.append(contentsOf: MatchText.lines(results))
        lines.append(contentsOf: TuningText.lines(results.tuning))
        lines.append(contentsOf: VariantText.notes(results))
        if !results.decodeContexts.isEmpty {
            lines.append("decode: new tokens a second after that context; state: bytes of the saved session.")
        }
        if results.rows.contains(where: { $0.peakMemoryBytes != nil }) { lines.append(memory + ".") }
        for row in results.rows where row.status != .ok {
            lines.append("\(row.model), seed \(row.seed): \(row.status.rawValue): \(row.detail)")
        }
        return lines.map(TextTable.printable).flatMap { line in width.map { WrappedText.lines(line, width: $0) } ?? [line] }
            .map { $0 + "\n" }.joined()
    }

    static let memory = "memory: peak of the run's process until its last training step, decoding not included"

    static func bestPossible(_ bits: Double) -> String {
        String(
            format:
                "The best possible is %.3f bits per byte: what the test text is worth under the grammar that made it.",
            bits)
    }

    /// Models that are better than can be, which only a fault can make them. The true grammar's own score of a text varies a
    /// little from text to text, and a model may have caught a bit of that: a hundredth is let pass.
    static func tooGood(_ summaries: [ModelSummary], _ best: Double) -> [String] {
        summaries.filter { ($0.bitsPerByte ?? .infinity) < best - 0.01 }.map { summary in
            "WARNING: \(summary.model) is below the best possible, which no honest likelihood can be: most likely a row of its "
                + "output sees the symbol that it is asked for. Do not rely on its figures."
        }
    }

    /// How to read ± and rank; the same sentences stand in the report.
    static func explanations(_ summaries: [ModelSummary]) -> [String] {
        var lines: [String] = []
        let seeds = summaries.map(\.finished.count).max() ?? 0
        let isBound = summaries.contains { $0.likelihood == .upperBound && $0.finished.count == 1 }
        if seeds > 1 {
            lines.append(
                "± is half the 95 % confidence interval over seeds; ranks that the intervals cannot tell apart are given as a range."
            )
        } else if seeds == 1 {
            lines.append("One seed: how much another seed would change is not known, so nothing is ranked.")
        }
        if isBound { lines.append("± of a bound with one seed is 1.96 standard errors of its estimate.") }
        if Set(summaries.filter { $0.bitsPerByte != nil }.map(\.likelihood)).count > 1 {
            lines.append(
                "Exact likelihoods and bounds are not comparable: a bound lies above what the model really reaches.")
        }
        return lines
    }
}
