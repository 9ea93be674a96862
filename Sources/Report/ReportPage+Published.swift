import Experiments

extension ReportPage {
    /// What papers say of these models on this, beside what came out here.
    var publishedSection: String {
        if results.published.isEmpty { return "" }
        let rows = results.published.map { figure -> String in
            let verdict = PublishedTable.verdict(figure, results.rows)
            return """
                <tr><th scope="row">\(label(figure.model))</th><td class="left">\(HTML.escape(PublishedTable.name(figure)))</td>\
                <td>\(PublishedTable.value(figure.value))</td><td>\(PublishedTable.band(figure))</td>\
                <td class="strong">\(TaskTable.accuracy(figure.measured(in: results.rows)))</td>\
                \(ReportPage.status(verdict.words, isFine: verdict.isFine ?? false))<td class="left">\(source(figure.source))</td></tr>
                """
        }
        return """
            <section id="published" aria-labelledby="published-title">
            <h2 id="published-title">Published and measured</h2>
            <p class="soft small">Reproduced: the mean over the seeds lies in the band, which the experiment file sets. Settings that differ from the published \
            ones are named there too.</p>
            <div class="scroll" tabindex="0" role="region" aria-label="Published and measured"><table>
            <thead><tr><th scope="col" class="left">Model</th><th scope="col" class="left">Figure</th><th scope="col">Published</th><th scope="col">Band</th>\
            <th scope="col">Measured</th><th scope="col" class="left">Result</th><th scope="col" class="left">Source</th></tr></thead>
            <tbody>\(rows.joined(separator: "\n"))</tbody></table></div>
            </section>
            """
    }

    /// A link where the text begins with one; what follows it stays text.
    private func source(_ text: String) -> String {
        let address = String(text.prefix { !$0.isWhitespace && $0 != "," })
        guard address.hasPrefix("https://") else { return HTML.escape(text) }
        return "<a href=\"\(HTML.escape(address))\" rel=\"noreferrer\">\(HTML.escape(address))</a>\(HTML.escape(String(text.dropFirst(address.count))))"
    }
}
