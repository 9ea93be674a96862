import Experiments
import Foundation

/// What a trained model is worth under other values of a key, for the terminal.
enum VariantText {
    /// A table for each model and key; empty without any.
    static func tables(_ results: ComparisonResults, width: Int?) -> [String] {
        VariantSummary.summarise(results.rows).map { summary in
            let rows = results.rows.filter { $0.model == summary.model }
            let isBound = rows.first?.likelihood == .upperBound
            let table = self.table(summary, isBound: isBound)
            return "\(summary.model) on the same weights, by \(summary.key)\n" + (width.map { table.text(width: $0, repeating: [summary.key]) } ?? table.text)
        }
    }

    private static func table(_ summary: VariantSummary, isBound: Bool) -> TextTable {
        let hasBits = summary.points.contains { $0.mean(\.bitsPerByte) != nil }
        let hasSpeed = summary.points.contains { $0.mean(\.generateTokensPerSecond) != nil }
        let hasSamples = summary.points.contains { $0.mean(\.sampleBitsPerByte) != nil }
        var columns: [(String, TextTable.Alignment)] = [(summary.key, .right)]
        if hasBits { columns += [("bits/byte", .right), ("score tok/s", .right)] }
        let probes = names(of: summary)
        columns += probes.map { ($0, .right) }
        if hasSpeed { columns.append(("generate tok/s", .right)) }
        if hasSamples { columns += [("judged", .right), ("distinct", .right)] }
        let hasRemarks = summary.points.contains { $0.isTrained || !$0.reasons.isEmpty }
        if hasRemarks { columns.append(("", .left)) }
        var table = TextTable(columns: columns)
        for point in summary.points {
            var cells = [point.value]
            if hasBits {
                cells += [bits(point, isBound: isBound), point.mean(\.scoreTokensPerSecond).map(SizeText.rate) ?? "–"]
            }
            cells += probes.map { name in point.mean { $0.probes[name] }.map(number) ?? "–" }
            if hasSpeed { cells.append(point.mean(\.generateTokensPerSecond).map(SizeText.rate) ?? "–") }
            if hasSamples { cells += [judged(point), distinct(point.mean(\.sampleDistinct))] }
            if hasRemarks { cells.append(point.isTrained ? "trained" : point.reasons.first ?? "") }
            table.add(cells)
        }
        if hasSamples, let point = summary.points.first(where: { $0.mean(\.textBitsPerByte) != nil }) {
            var cells = ["true text"]
            if hasBits { cells += ["", ""] }
            cells += probes.map { _ in "" }
            if hasSpeed { cells.append("") }
            cells += [point.mean(\.textBitsPerByte).map { String(format: "%.3f", $0) } ?? "", distinct(point.mean(\.textDistinct))]
            table.add(cells)
        }
        return table
    }

    /// Probes that gave a number at some value.
    static func names(of summary: VariantSummary) -> [String] {
        Set(summary.points.flatMap { $0.figures.flatMap(\.probes.keys) }).sorted()
    }

    /// Three figures.
    static func number(_ value: Double) -> String { String(format: "%.3g", value) }

    /// `≤ 2.345 ± 0.012`
    static func bits(_ point: VariantSummary.Point, isBound: Bool) -> String {
        guard let bits = point.mean(\.bitsPerByte) else { return "–" }
        return (isBound ? "≤ " : "") + String(format: "%.3f", bits) + (point.halfWidth.map { String(format: " ± %.3f", $0) } ?? "")
    }

    /// The judge's score with 1.96 standard errors over texts, of all seeds.
    static func judged(_ point: VariantSummary.Point) -> String {
        guard let bits = point.mean(\.sampleBitsPerByte) else { return "–" }
        let errors = point.figures.compactMap(\.sampleStandardError)
        let error = errors.reduce(0) { $0 + $1 * $1 }.squareRoot() / Double(max(errors.count, 1))
        return String(format: "%.3f", bits) + (errors.isEmpty ? "" : String(format: " ± %.3f", 1.96 * error))
    }

    static func distinct(_ share: Double?) -> String { share.map { "\(Int(($0 * 100).rounded())) %" } ?? "–" }

    /// How to read the columns.
    static func notes(_ results: ComparisonResults) -> [String] {
        let figures = results.rows.flatMap(\.variants)
        if figures.isEmpty { return [] }
        var lines = ["On the same weights: one training, evaluated again under other values of a key that changes no parameter."]
        if figures.contains(where: { $0.sampleBitsPerByte != nil }) { lines.append(judge) }
        return lines
    }

    static let judge =
        "judged: bits per byte that an n-gram model of the training text (made by the host) gives texts written at temperature 1, ± 1.96 "
        + "standard errors over the texts; good is near the true text, not low: distinct falls where a model repeats itself."
}
