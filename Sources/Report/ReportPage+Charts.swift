import Experiments
import Foundation

extension ReportPage {
    /// Charts and the same figures as tables, for readers without script and for those who want the numbers.
    var chartsSection: String {
        let hasCurves = results.rows.contains { !$0.curve.isEmpty && $0.task == nil }
        let hasDecoding = results.rows.contains { !$0.decode.isEmpty }
        guard hasCurves || hasDecoding else { return "" }
        var figures: [String] = []
        if hasDecoding {
            figures.append(
                figure("decode", "Decoding speed", "New tokens a second for one text, after reading a context."))
            if results.rows.contains(where: { $0.decode.contains { $0.stateBytes != nil } }) {
                figures.append(figure("state", "State", "Bytes needed to go on after a context, as saved by the host."))
            }
        }
        let missing = """
            <p class="warning">Charts are left out, since Chart.js was not found when this report was written. To have them:
            <code>apt install libjs-chart.js</code>, then <code>zoo report</code> on the folder of this comparison.</p>
            """
        let drawn = """
            \(legend)
            \(hasCurves ? learningFigure : "")
            \(figures.isEmpty ? "" : "<div class=\"charts\(models.count > 6 ? " tall" : "")\">\(figures.joined(separator: "\n"))</div>")
            """
        return """
            <section id="charts" aria-labelledby="charts-title">
            <h2 id="charts-title">Learning, speed and state</h2>
            \(chartLibrary == nil ? missing : drawn)
            \(hasDecoding ? decodeTable : "")
            \(hasCurves ? curveTable : "")
            </section>
            """
    }

    /// Models by family: a button hides or shows one, or a family.
    private var legend: String {
        var order: [String] = []
        for look in models where !order.contains(families[look.model] ?? "") { order.append(families[look.model] ?? "") }
        let groups = order.map { family in
            let buttons = models.filter { families[$0.model] ?? "" == family }.map { look in
                let name = HTML.escape(look.model)
                return "<button type=\"button\" aria-pressed=\"true\" data-model=\"\(name)\">\(look.swatch)\(name)</button>"
            }
            let title = HTML.escape(family.isEmpty ? "other" : family)
            let toggle = models.count > 4 && order.count > 1
                ? "<button type=\"button\" class=\"plain family\" title=\"Show or hide this family\">\(title)</button>" : ""
            return "<div role=\"group\" aria-label=\"\(title)\">\(toggle)\(buttons.joined())</div>"
        }
        let all = ["all", "none"].map { "<button type=\"button\" class=\"plain\" data-show=\"\($0)\">\($0)</button>" }.joined()
        return """
            <div class="legend" role="group" aria-label="Show or hide models">\(groups.joined())\(models.count > 4 ? "<div>\(all)</div>" : "")</div>
            """
    }

    /// One chart for three ways to count what training costs.
    private var learningFigure: String {
        func choice(_ name: String, _ title: String, _ options: [(String, String)]) -> String {
            let inputs = options.enumerated().map { index, option in
                "<label><input type=\"radio\" name=\"\(name)\" value=\"\(option.0)\"\(index == 0 ? " checked" : "")>\(option.1)</label>"
            }
            return "<fieldset><legend>\(title)</legend>\(inputs.joined())</fieldset>"
        }
        let runs = results.rows.filter { !$0.curve.isEmpty }
        var costs = [("tokens", "tokens")]
        if runs.contains(where: { $0.operationsPerToken(context: results.budget.context) != nil }) { costs.append(("operations", "operations")) }
        if runs.contains(where: { !$0.curveSeconds.isEmpty }) { costs.append(("seconds", "seconds")) }
        let several = summaries.contains { $0.finished.count > 1 }
        let band = several ? " Lines are means over seeds, the bands reach from the lowest seed to the highest." : ""
        return """
            <figure class="learning"><figcaption><h3>Learning curve</h3><p class="soft small">\(curveNote)\(band) A cross is where a run failed.</p></figcaption>
            <form class="choices">\(choice("across", "Across", costs))\(choice("up", "Up", [("linear", "linear"), ("logarithmic", "logarithmic")]))</form>
            <div class="frame"><canvas id="chart-learning" role="img" aria-label="Learning curve: the figures are in the tables below the charts"></canvas></div></figure>
            """
    }

    /// What the learning curves were measured on. A run that was too slow to be validated twice has only its training loss.
    private var curveNote: String {
        let curves = results.rows.filter { !$0.curve.isEmpty }
        let trained = curves.filter { $0.curveSplit != "validation" }
        if trained.isEmpty { return "Bits per byte of the validation text; the same text for every model." }
        if trained.count == curves.count {
            return "Bits per byte of the windows that were just trained on, in the same order for every model."
        }
        let names = Set(trained.map(\.model)).sorted().map { HTML.escape($0) }.joined(separator: ", ")
        return """
            Bits per byte of the validation text; of \(names): of the windows just trained on, for want of two validations. Those \
            curves lie elsewhere than a validation would: compare the results above.
            """
    }

    private func figure(_ id: String, _ title: String, _ note: String) -> String {
        """
        <figure><figcaption><h3>\(title)</h3><p class="soft small">\(note)</p></figcaption>
        <div class="frame"><canvas id="chart-\(id)" role="img" aria-label="\(title): the figures are in the tables below the charts"></canvas></div></figure>
        """
    }

    private var decodeTable: String {
        let contexts = results.decodeContexts
        let hasPeaks = results.rows.contains { $0.decode.contains { $0.peakMemoryBytes != nil } }
        let head =
            contexts.map { "<th scope=\"col\">\(SizeText.context($0))<small>tokens/s</small></th>" }
            + contexts.map { "<th scope=\"col\">\(SizeText.context($0))<small>state</small></th>" }
            + (hasPeaks
                ? contexts.map { "<th scope=\"col\">\(SizeText.context($0))<small>peak memory</small></th>" } : [])
        var reasons: [String] = []
        let rows = summaries.filter { !$0.finished.isEmpty }.map { summary in
            let speeds = contexts.map { context in
                if let reason = summary.decodeReason(at: context) {
                    reasons.append("\(summary.model) at \(SizeText.context(context)): \(reason)")
                }
                return "<td>\(summary.decodeTokensPerSecond(at: context).map(SizeText.rate) ?? "–")</td>"
            }
            let states = contexts.map { "<td>\(summary.stateBytes(at: $0).map(SizeText.bytes) ?? "–")</td>" }
            let peaks =
                hasPeaks
                ? contexts.map { "<td>\(summary.decodePeakMemoryBytes(at: $0).map(SizeText.bytes) ?? "–")</td>" } : []
            return "<tr><th scope=\"row\">\(label(summary.model))</th>\((speeds + states + peaks).joined())</tr>"
        }
        if hasPeaks {
            reasons.append("Peak memory is that of the run's process, which still holds what training needed.")
        }
        let notes =
            reasons.isEmpty
            ? ""
            : "<ul class=\"notes\">\(reasons.map { "<li>\(HTML.escape($0))</li>" }.joined())</ul>"
        return """
            <details><summary>Decoding speed and state as a table</summary>
            <div class="scroll" tabindex="0" role="region" aria-label="Decoding figures"><table>
            <thead><tr><th scope="col" class="left">Model</th>\(head.joined())</tr></thead>
            <tbody>\(rows.joined(separator: "\n"))</tbody></table></div>\(notes)</details>
            """
    }

    private var curveTable: String {
        let last = results.rows.compactMap { $0.curve.last?.tokens }.max() ?? 0
        let stops = [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1].map { Int((Double(last) * $0).rounded()) }
        let head = stops.map { "<th scope=\"col\">\(SizeText.short($0))<small>tokens</small></th>" }
        let rows = results.rows.filter { !$0.curve.isEmpty }.map { row in
            let cells = stops.map { stop -> String in
                // The last point at or before the stop; none once the run has ended.
                guard let end = row.curve.last?.tokens, end >= stop,
                    let point = row.curve.last(where: { $0.tokens <= stop })
                else { return "<td>–</td>" }
                return String(format: "<td>%.3f</td>", point.bitsPerByte)
            }
            return "<tr><th scope=\"row\">\(label(row.model))</th><td>\(row.seed)</td>\(cells.joined())</tr>"
        }
        return """
            <details><summary>Learning curves as a table</summary>
            <div class="scroll" tabindex="0" role="region" aria-label="Learning curves"><table>
            <thead><tr><th scope="col" class="left">Model</th><th scope="col">Seed</th>\(head.joined())</tr></thead>
            <tbody>\(rows.joined(separator: "\n"))</tbody></table></div></details>
            """
    }
}
