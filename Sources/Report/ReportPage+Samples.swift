import Experiments

extension ReportPage {
    /// What the models wrote, side by side: the first finished run of each. A text that was refined is shown as its stages.
    var samplesSection: String {
        let rows = summaries.compactMap { $0.finished.first }.filter { !$0.samples.isEmpty }
        if rows.isEmpty { return "" }
        let plain = rows.filter { $0.samples.allSatisfy(\.stages.isEmpty) }.map { row in
            let texts = row.samples.map { sample in
                """
                <pre tabindex="0" role="region" aria-label="Sample of \(HTML.escape(row.model))"><mark>\(HTML.escape(sample.prompt))</mark>\
                \(HTML.escape(sample.text))</pre>
                """
            }
            return "<figure><figcaption><h3>\(label(row.model))</h3></figcaption>\(texts.joined())</figure>"
        }
        let refined = rows.filter { !$0.samples.allSatisfy(\.stages.isEmpty) }.map { row in
            """
            <figure class="refined"><figcaption><h3>\(label(row.model))</h3></figcaption>
            \(row.samples.map(stages).joined(separator: "\n"))</figure>
            """
        }
        let legend = """
            <p class="soft small">These models fill a text in, here and there at once. Each frame is the text after some of the steps: \
            <ins>marked</ins> is what was filled in or changed since the frame before, ░ is not known yet.</p>
            """
        return """
            <section id="samples" aria-labelledby="samples-title">
            <h2 id="samples-title">What they write</h2>
            <p class="soft small">Not chosen: one sample of seed \(rows[0].seed) each. The prompt is marked.</p>
            <div class="samples">\(plain.joined(separator: "\n"))</div>
            \(refined.isEmpty ? "" : legend + refined.joined(separator: "\n"))
            </section>
            """
    }

    private func stages(_ sample: GeneratedSample) -> String {
        let frames = sample.stages.map { stage in
            let parts = stage.parts.map { part -> String in
                let text = HTML.escape(part.text)
                return part.kind == .new ? "<ins>\(text)</ins>" : part.kind == .unknown ? "<span class=\"unknown\">\(text)</span>" : text
            }
            let title = stage.step == stage.steps ? "after all \(stage.steps) steps" : "after step \(stage.step) of \(stage.steps)"
            return """
                <li><p class="soft small">\(title)</p><pre><mark>\(HTML.escape(sample.prompt))</mark>\(parts.joined())</pre></li>
                """
        }
        return "<ol class=\"stages\">\(frames.joined(separator: "\n"))</ol>"
    }
}
