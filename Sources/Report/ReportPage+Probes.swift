import Experiments
import Foundation

extension ReportPage {
    /// What the models' own probes found: one figure for each model and probe, and the same numbers as a table. The first finished
    /// run of each model.
    var probesSection: String {
        let rows = summaries.compactMap { $0.finished.first }.filter { !$0.probes.isEmpty }
        if rows.isEmpty { return "" }
        var figures: [String] = []
        var notes: [String] = []
        var table: [String] = []
        for row in rows {
            for (name, figure) in row.probes.sorted(by: { $0.key < $1.key }) {
                guard figure.reason.isEmpty else {
                    notes.append("<li>\(label(row.model)): \(HTML.escape(name)): \(HTML.escape(figure.reason))</li>")
                    continue
                }
                figures.append(probeFigure(row.model, name, figure))
                table += figure.values.indices.map { index in
                    let value = figure.values[index].map(ProbePlot.text) ?? "–"
                    return """
                        <tr><th scope="row">\(label(row.model))</th><td class="left">\(HTML.escape(name))</td>\
                        <td class="left">\(HTML.escape(ProbePlot.place(figure, index)))</td><td>\(value)</td></tr>
                        """
                }
            }
        }
        let windows = rows.flatMap { $0.probes.values }.map(\.windows).max() ?? 0
        return """
            <section id="probes" aria-labelledby="probes-title">
            <h2 id="probes-title">Inside the models</h2>
            <p class="soft small">What each plugin's own probes measure, over the first \(windows) windows of the test text; seed \
            \(rows[0].seed). Scales differ from figure to figure.</p>
            <div class="probes">\(figures.joined(separator: "\n"))</div>
            \(notes.isEmpty ? "" : "<ul class=\"notes\">\(notes.joined(separator: "\n"))</ul>")
            \(table.isEmpty ? "" : probeTable(table))
            </section>
            """
    }

    private func probeFigure(_ model: String, _ name: String, _ figure: ProbeFigure) -> String {
        let unit = figure.unit.isEmpty ? "" : " <span class=\"soft\">\(HTML.escape(figure.unit))</span>"
        return """
            <figure><figcaption><h3>\(label(model)): \(HTML.escape(name))\(unit)</h3>\
            <p class="soft small">\(HTML.escape(figure.summary))</p></figcaption>
            \(ProbePlot(figure, colour: looks[model]?.colour ?? "#000000").svg)</figure>
            """
    }

    private func probeTable(_ rows: [String]) -> String {
        """
        <details><summary>The same as a table</summary>
        <div class="scroll" tabindex="0" role="region" aria-label="Values of the probes"><table>
        <thead><tr><th scope="col" class="left">Model</th><th scope="col" class="left">Probe</th>\
        <th scope="col" class="left">Place</th><th scope="col">Value</th></tr></thead>
        <tbody>\(rows.joined(separator: "\n"))</tbody></table></div></details>
        """
    }
}
