import Experiments
import Foundation

extension ReportPage {
    /// Curves of quality and speed against each key that was varied, and the figures as tables.
    var variantsSection: String {
        let summaries = VariantSummary.summarise(results.rows)
        if summaries.isEmpty { return "" }
        let parts = summaries.enumerated().map { index, summary in
            let charts = chartLibrary == nil ? "" : "<div class=\"charts\">\(figures(summary, index).joined(separator: "\n"))</div>"
            return """
                <h3>\(label(summary.model)): <code>\(HTML.escape(summary.key))</code></h3>
                \(charts)
                \(table(summary))
                """
        }
        let notes = VariantText.notes(results).map { "<li>\(HTML.escape($0))</li>" }.joined()
        return """
            <section id="variants" aria-labelledby="variants-title">
            <h2 id="variants-title">Same weights, other settings</h2>
            \(parts.joined(separator: "\n"))
            <ul class="notes">\(notes)<li>Values stand at equal distances in the charts; the filled mark is what the model was trained with.</li></ul>
            </section>
            """
    }

    private func figures(_ summary: VariantSummary, _ index: Int) -> [String] {
        func has(_ figure: (VariantFigure) -> Double?) -> Bool { summary.points.contains { $0.mean(figure) != nil } }
        var result: [String] = []
        if has(\.bitsPerByte) {
            result.append(chart(index, "bits", "Bits per byte", "Of the test text, with the error of what is known of it."))
        }
        if has(\.sampleBitsPerByte) {
            result.append(
                chart(index, "samples", "Quality of what it writes", "Bits per byte of its texts under the host's n-gram judge; dashed: the true text."))
        }
        if has(\.scoreTokensPerSecond) || has(\.generateTokensPerSecond) {
            result.append(chart(index, "speed", "Speed", "Tokens a second: solid, writing one text; dashed, scoring the test text."))
        }
        return result
    }

    private func chart(_ index: Int, _ id: String, _ title: String, _ note: String) -> String {
        """
        <figure><figcaption><h3>\(title)</h3><p class="soft small">\(note)</p></figcaption>
        <div class="frame"><canvas id="variant-\(index)-\(id)" role="img" aria-label="\(title): the figures are in the table below"></canvas></div></figure>
        """
    }

    private func table(_ summary: VariantSummary) -> String {
        let isBound = results.rows.first { $0.model == summary.model }?.likelihood == .upperBound
        let probes = VariantText.names(of: summary)
        let rows = summary.points.map { point in
            let found = probes.map { name in point.mean { $0.probes[name] }.map(VariantText.number) ?? "–" }
            let cells = [
                VariantText.bits(point, isBound: isBound), point.mean(\.scoreTokensPerSecond).map(SizeText.rate) ?? "–",
                point.mean(\.generateTokensPerSecond).map(SizeText.rate) ?? "–", VariantText.judged(point),
                VariantText.distinct(point.mean(\.sampleDistinct)),
            ] + found
            let columns = cells.map { "<td>\(HTML.escape($0))</td>" }.joined()
            let remark = ([point.isTrained ? "trained" : ""] + point.reasons).filter { !$0.isEmpty }.joined(separator: "; ")
            return "<tr><th scope=\"row\">\(HTML.escape(point.value))</th>\(columns)<td class=\"left\">\(HTML.escape(remark))</td></tr>"
        }
        var truth = ""
        if let point = summary.points.first(where: { $0.mean(\.textBitsPerByte) != nil }), let bits = point.mean(\.textBitsPerByte) {
            truth = "<tr><th scope=\"row\">true text</th><td></td><td></td><td></td><td>\(String(format: "%.3f", bits))</td><td>\(VariantText.distinct(point.mean(\.textDistinct)))</td>\(probes.map { _ in "<td></td>" }.joined())<td></td></tr>"
        }
        return """
            <details><summary>\(HTML.escape(summary.model)) by \(HTML.escape(summary.key)) as a table</summary>
            <div class="scroll" tabindex="0" role="region" aria-label="Figures by \(HTML.escape(summary.key))"><table>
            <thead><tr><th scope="col" class="left">\(HTML.escape(summary.key))</th><th scope="col">bits per byte</th><th scope="col">scoring<small>tokens/s</small></th>
            <th scope="col">writing<small>tokens/s</small></th><th scope="col">judged<small>bits per byte</small></th><th scope="col">distinct</th>\(probes.map { "<th scope=\"col\">\(HTML.escape($0))<small>probe</small></th>" }.joined())<th scope="col" class="left"></th></tr></thead>
            <tbody>\(rows.joined(separator: "\n"))\(truth)</tbody></table></div></details>
            """
    }
}

/// The points of the charts of variants, as the script reads them.
struct VariantChart: Encodable {
    let model: String
    let key: String
    let values: [String]
    let trained: [Bool]
    let bits: [Double?]
    let error: [Double?]
    let samples: [Double?]
    let truth: Double?
    let score: [Double?]
    let generate: [Double?]

    init(_ summary: VariantSummary) {
        model = summary.model
        key = summary.key
        let points = summary.points
        values = points.map(\.value)
        trained = points.map(\.isTrained)
        bits = points.map { $0.mean(\.bitsPerByte) }
        error = points.map(\.halfWidth)
        samples = points.map { $0.mean(\.sampleBitsPerByte) }
        truth = points.lazy.compactMap { $0.mean(\.textBitsPerByte) }.first
        score = points.map { $0.mean(\.scoreTokensPerSecond) }
        generate = points.map { $0.mean(\.generateTokensPerSecond) }
    }
}
