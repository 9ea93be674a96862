import Experiments
import Foundation

extension ReportPage {
    /// First and last context of decoding.
    private var ends: [Int] {
        let contexts = results.decodeContexts
        guard let first = contexts.first, let last = contexts.last else { return [] }
        return first == last ? [first] : [first, last]
    }

    /// One line for each model, kinds of likelihood in bodies of their own.
    var summarySection: String {
        let isRanked = summaries.contains { $0.ranks != nil }
        let best = results.data.bestPossibleBitsPerByte
        let hasTime = summaries.contains { $0.mean(\.seconds) != nil }
        let hasOperations = summaries.contains { $0.operations(context: results.budget.context) != nil }
        let head = SummaryHead(
            isRanked: isRanked, hasBest: best != nil, hasTime: hasTime, hasOperations: hasOperations, contexts: ends)
        let plot = IntervalPlot(
            summaries.compactMap { summary in summary.bitsPerByte.map { ($0, summary.halfWidth ?? 0) } }, best: best)
        let bodies = LikelihoodKind.allCases.compactMap { kind -> String? in
            let group = summaries.filter { $0.likelihood == kind }
            if group.isEmpty { return nil }
            let rows = group.map { row($0, isRanked: isRanked, hasTime: hasTime, hasOperations: hasOperations, plot: plot) }
            return """
                <tbody><tr class="kind"><th scope="rowgroup" colspan="\(head.count)">\(kind.title)</th></tr>
                \(rows.joined(separator: "\n"))</tbody>
                """
        }
        var notes = ComparisonTable.explanations(summaries)
        if let best {
            notes = ComparisonTable.tooGood(summaries, best) + notes
            notes.append(ComparisonTable.bestPossible(best) + " The dashed lines show it.")
        }
        if results.rows.contains(where: { !$0.detail.isEmpty }) {
            notes.append("Why runs failed is told under Every run.")
        }
        if hasOperations { notes.append(ReportPage.operationsNote) }
        notes.append("Memory is the peak of the run's process until its last training step.")
        if !ends.isEmpty {
            notes.append(
                "State is what the host saved after a context; peaks of memory while decoding stand in the table below the charts."
            )
        }
        notes.append(
            "Every figure was measured by the host, none declared by a plugin. Columns sort within a kind of likelihood."
        )
        return """
            <section id="results" aria-labelledby="results-title">
            <h2 id="results-title">Results</h2>
            <div class="scroll" tabindex="0" role="region" aria-label="Table of results"><table class="sortable results">
            \(head.html)
            \(bodies.joined(separator: "\n"))
            </table></div>
            <ul class="notes">\(notes.map { "<li>\(HTML.escape($0))</li>" }.joined())</ul>
            </section>
            """
    }

    private func row(
        _ summary: ModelSummary, isRanked: Bool, hasTime: Bool, hasOperations: Bool, plot: IntervalPlot?
    ) -> String {
        func cell(_ value: Double?, _ format: (Double) -> String) -> String {
            guard let value else { return "<td data-value=\"\">–</td>" }
            return "<td data-value=\"\(value)\">\(HTML.escape(format(value)))</td>"
        }
        func bytes(_ value: Int?) -> String { cell(value.map(Double.init)) { SizeText.bytes(Int($0)) } }
        var cells: [String] = []
        if isRanked {
            let rank = summary.ranks.map { "\($0.lowerBound)" } ?? ""
            cells.append("<td data-value=\"\(rank)\">\(ComparisonTable.rank(summary))</td>")
        }
        cells.append("<th scope=\"row\" data-value=\"\(HTML.escape(summary.model))\">\(label(summary.model))</th>")
        cells.append(bitsCell(summary))
        if let bits = summary.bitsPerByte, let plot, let look = looks[summary.model] {
            cells.append("<td>\(plot.row(mean: bits, half: summary.halfWidth, look: look))</td>")
        } else {
            cells.append("<td></td>")
        }
        if let best = results.data.bestPossibleBitsPerByte {
            cells.append(cell(summary.bitsPerByte.map { $0 - best }) { String(format: "%+.3f", $0) })
        }
        cells.append(cell(summary.rows[0].parameters.map(Double.init)) { SizeText.short(Int($0)) })
        if hasOperations { cells.append(cell(summary.operations(context: results.budget.context), SizeText.rate)) }
        cells.append(cell(summary.mean(\.trainTokensPerSecond), SizeText.rate))
        if hasTime { cells.append(cell(summary.mean(\.seconds), SizeText.duration)) }
        cells.append(bytes(summary.finished.compactMap(\.peakMemoryBytes).max()))
        cells += ends.map { cell(summary.decodeTokensPerSecond(at: $0), SizeText.rate) }
        cells += ends.map { bytes(summary.stateBytes(at: $0)) }
        let isFine = summary.rows.allSatisfy { $0.status == .ok }
        cells.append(ReportPage.status(summary.statusText, isFine: isFine))
        // Whatever the table is sorted by, what has no result comes last.
        return "<tr\(summary.finished.isEmpty ? " data-failed" : "")>\(cells.joined())</tr>"
    }

    private func bitsCell(_ summary: ModelSummary) -> String {
        guard let bits = summary.bitsPerByte else { return "<td data-value=\"\">–</td>" }
        let sign = summary.likelihood == .upperBound ? "<span class=\"minor\">≤ </span>" : ""
        let spread = summary.halfWidth.map { String(format: " <span class=\"minor\">± %.3f</span>", $0) } ?? ""
        return "<td class=\"strong\" data-value=\"\(bits)\">\(sign)\(String(format: "%.3f", bits))\(spread)</td>"
    }

    static let operationsNote = """
        Operations of the whole training are counted by convention: 6 for each parameter and token, and the products of attention. What a model computes \
        beside that (scans, descents, repeated passes) is not in it.
        """

    static func status(_ text: String, isFine: Bool) -> String {
        "<td class=\"left\" data-value=\"\(HTML.escape(text))\"><span class=\"status \(isFine ? "ok" : "bad")\">\(HTML.escape(text))</span></td>"
    }
}
