import Experiments
import Foundation
import SequenceModel

extension ReportPage {
    /// What each model did at each point of the tuning grid: the chosen one marked, and how much the choice matters.
    var tuningSection: String {
        if results.tuning.isEmpty { return "" }
        let points = results.tuning.reduce(into: [String]()) { if !$0.contains($1.text) { $0.append($1.text) } }
        let names = results.tuning.reduce(into: [String]()) { if !$0.contains($1.model) { $0.append($1.model) } }
        let head = points.map { "<th scope=\"col\">\(HTML.escape($0).replacing(", ", with: "<br>"))</th>" }
        var failures: [String] = []
        let rows = names.map { model in
            let tried = results.tuning.filter { $0.model == model }
            let bits = tried.compactMap(\.validationBitsPerByte)
            let cells = points.map { point -> String in
                guard let row = tried.first(where: { $0.text == point }) else { return "<td>–</td>" }
                guard let value = row.validationBitsPerByte else {
                    failures.append("\(model), \(point): \(row.status.rawValue): \(row.detail)")
                    return "<td><span class=\"status bad\">\(row.status.rawValue)</span></td>"
                }
                let text = String(format: "%.3f", value)
                return row.isChosen ? "<td class=\"strong\">\(text) ✓</td>" : "<td>\(text)</td>"
            }
            let ordered = bits.sorted()
            let second = ordered.count > 1 ? ordered[1] - ordered[0] : nil
            let spread = bits.max().flatMap { high in bits.min().map { high - $0 } }
            return """
                <tr><th scope="row">\(label(model))</th>\(cells.joined())\
                <td>\(second.map { String(format: "+%.3f", $0) } ?? "–")</td>\
                <td>\(spread.map { String(format: "%.3f", $0) } ?? "–")</td></tr>
                """
        }
        let plots = TuningPlot.keys(results.tuning).compactMap { TuningPlot(results.tuning, key: $0) }.map { plot in
            """
            <h3>Sensitivity to \(HTML.escape(plot.key))</h3>
            <p class="soft small">Bits per byte above the model's own best, from 0 at the line to \(plot.scale) at the top, alike for all; filled: chosen, ×: no run ended well.</p>
            <div class="multiples">\(plot.figures(label) { looks[$0]?.colour ?? "#000000" })</div>
            """
        }
        let notes = TuningText.edges(results.tuning) + failures
        return """
            <section id="tuning" aria-labelledby="tuning-title">
            <h2 id="tuning-title">Tuning</h2>
            <p class="soft small">Bits per byte of the validation text after a run of the same budget with seed \(results.tuning[0].seed), which no result \
            uses; ✓ is what the results were trained with. Second best: how much worse the next point is. Spread: the worst less the best, \
            how much this model needs to be tuned.</p>
            <div class="scroll" tabindex="0" role="region" aria-label="Tuning"><table>
            <thead><tr><th scope="col" class="left">Model</th>\(head.joined())<th scope="col">Second best</th><th scope="col">Spread</th></tr></thead>
            <tbody>\(rows.joined(separator: "\n"))</tbody></table></div>
            \(plots.joined(separator: "\n"))
            \(notes.isEmpty ? "" : "<ul class=\"notes\">\(notes.map { "<li>\(HTML.escape($0))</li>" }.joined())</ul>")
            </section>
            """
    }
}
