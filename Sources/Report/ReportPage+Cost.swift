import Experiments
import Foundation

extension ReportPage {
    /// How decoding, state and memory grow with context, where models overtake each other, and what a million tokens would take.
    var costSection: String {
        let analysis = CostCurves(results)
        let grown = analysis.curves.filter { $0.growth != nil }
        let (crossing, steady) = CostTable.sentences(analysis)
        if grown.isEmpty, crossing.isEmpty { return "" }
        let metrics: [CostMetric] = [.decoding, .state, .decodingMemory].filter { metric in grown.contains { $0.metric == metric } }
        let rows = models.compactMap { look -> String? in
            let own = grown.filter { $0.model == look.model }
            if own.isEmpty { return nil }
            let cells = metrics.map { metric in
                "<td class=\"left\">\(own.first { $0.metric == metric }?.growth.map { HTML.escape($0.text) } ?? "–")</td>"
            }
            let long = analysis.longContext.first { $0.model == look.model }
            let state = long?.stateBytes.map(CostMetric.state.text) ?? "–"
            let writing = long?.writingSeconds.map(CostTable.duration) ?? "–"
            return "<tr><th scope=\"row\">\(label(look.model))</th>\(cells.joined())<td>\(HTML.escape(state))</td><td>\(HTML.escape(writing))</td></tr>"
        }
        func sentence(_ text: String) -> String { "<li>\(HTML.escape(text.prefix(1).uppercased() + text.dropFirst())).</li>" }
        let shown = crossing.prefix(12).map(sentence)
        let rest = crossing.dropFirst(12).map(sentence) + steady.map(sentence)
        let head = metrics.map { "<th scope=\"col\" class=\"left\">\($0.title)</th>" }
        let reasons = analysis.longContext.flatMap { item in
            item.reasons.map { "\(item.model) at 1M tokens: not given. \($0)." }
        }
        let table =
            rows.isEmpty
            ? ""
            : """
            <div class="scroll" tabindex="0" role="region" aria-label="Growth with context"><table>
            <thead><tr><th scope="col" class="left">Model</th>\(head.joined())\
            <th scope="col">State at 1M<small>extrapolated</small></th><th scope="col">To write 1M<small>extrapolated</small></th></tr></thead>
            <tbody>\(rows.joined(separator: "\n"))</tbody></table></div>
            """
        return """
            <section id="cost" aria-labelledby="cost-title">
            <h2 id="cost-title">Cost against context</h2>
            <p class="soft small">How costs grow with context T, fitted to the contexts that were measured, with the 95 % interval of the exponent; crossovers lie between measured contexts, \
            on straight lines between their logarithms, and costs within 5 % count as equal. 1M is 2²⁰ tokens: beyond what was measured, and given only where the exponent is known to half a unit. \
            Memory is that of processes that have trained before: zoo bench cost measures it alone, and training too.</p>
            \(crossing.isEmpty ? "<p>No two models overtake each other within the contexts that were measured.</p>" : "<ul>\(shown.joined(separator: "\n"))</ul>")
            \(table)
            \(rest.isEmpty ? "" : "<details><summary>All pairs</summary><ul>\(rest.joined(separator: "\n"))</ul></details>")
            \(reasons.isEmpty ? "" : "<ul class=\"notes\">\(reasons.map { "<li>\(HTML.escape($0))</li>" }.joined())</ul>")
            </section>
            """
    }
}
