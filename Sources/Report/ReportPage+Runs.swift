import Experiments
import Foundation

extension ReportPage {
    /// Every run, failed ones with their cause.
    var runsSection: String {
        let rows = results.rows.map { row in
            let bits = row.bitsPerByte.map { String(format: "%.4f", $0) } ?? "–"
            let error = row.bitsPerByteStandardError.map { String(format: "%.4f", $0) } ?? "–"
            return """
                <tr><th scope="row" data-value="\(HTML.escape(row.model))">\(label(row.model))</th><td>\(row.seed)</td>\
                \(ReportPage.status(row.status.rawValue, isFine: row.status == .ok))<td class="left">\(row.likelihood.rawValue)</td>\
                <td data-value="\(row.bitsPerByte.map { "\($0)" } ?? "")">\(bits)</td><td>\(error)</td>\
                <td data-value="\(row.parameters)">\(HTML.grouped(row.parameters))</td>\
                <td data-value="\(row.trainTokens)">\(SizeText.short(row.trainTokens))</td>\
                <td>\(row.learningRate)</td>\
                <td data-value="\(row.trainTokensPerSecond.map { "\($0)" } ?? "")">\(row.trainTokensPerSecond.map(SizeText.rate) ?? "–")</td>\
                <td data-value="\(row.seconds.map { "\($0)" } ?? "")">\(row.seconds.map(SizeText.duration) ?? "–")</td>\
                <td data-value="\(row.peakMemoryBytes.map { "\($0)" } ?? "")">\(row.peakMemoryBytes.map(SizeText.bytes) ?? "–")</td>\
                <td class="left wrap">\(HTML.escape(row.detail))</td></tr>
                """
        }
        let heads = [
            ("Model", "left"), ("Seed", ""), ("Status", "left"), ("Likelihood", "left"), ("Bits per byte", ""),
            ("Std. error", ""), ("Parameters", ""), ("Trained on", ""), ("Learning rate", ""), ("Tokens/s", ""),
            ("Time", ""), ("Peak memory", ""), ("Detail", "left"),
        ].enumerated().map { index, head in
            "<th scope=\"col\" class=\"\(head.1)\" data-column=\"\(index)\" data-sort=\"ascending\">\(head.0)</th>"
        }
        return """
            <section id="runs" aria-labelledby="runs-title">
            <h2 id="runs-title">Every run</h2>
            <div class="scroll" tabindex="0" role="region" aria-label="Table of runs"><table class="sortable">
            <thead><tr>\(heads.joined())</tr></thead>
            <tbody>\(rows.joined(separator: "\n"))</tbody></table></div>
            </section>
            """
    }

    /// What the models wrote, side by side; the first finished run of each.
    var samplesSection: String {
        let rows = summaries.compactMap { $0.finished.first }.filter { !$0.samples.isEmpty }
        if rows.isEmpty { return "" }
        let items = rows.map { row in
            let texts = row.samples.map { "<pre><mark>\(HTML.escape($0.prompt))</mark>\(HTML.escape($0.text))</pre>" }
            return "<figure><figcaption><h3>\(label(row.model))</h3></figcaption>\(texts.joined())</figure>"
        }
        return """
            <section id="samples" aria-labelledby="samples-title">
            <h2 id="samples-title">What they write</h2>
            <p class="soft small">Not chosen: one sample of seed \(rows[0].seed) each. The prompt is marked.</p>
            <div class="samples">\(items.joined(separator: "\n"))</div>
            </section>
            """
    }
}
