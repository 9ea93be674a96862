import Experiments

extension ReportPage {
    /// What was found, in words.
    var findingsSection: String {
        let sentences = Findings(results, summaries, pairs).sentences
        if sentences.isEmpty { return "" }
        let items = sentences.map { "<li><b>\(HTML.escape($0.topic))</b>: \(HTML.escape($0.text))</li>" }
        return """
            <section id="findings" aria-labelledby="findings-title">
            <h2 id="findings-title">In short</h2>
            <ul class="findings">\(items.joined(separator: "\n"))</ul>
            <p class="soft small">A model is called best only where its 95 % interval over seeds overlaps no other's. Exact likelihoods and upper bounds \
            are judged apart.</p>
            </section>
            """
    }
}
