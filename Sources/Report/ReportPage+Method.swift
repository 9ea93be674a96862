import Experiments
import Foundation

extension ReportPage {
    /// What was done and how to do it again.
    var methodSection: String {
        let data = results.data
        let machine = results.machine
        let rates = Set(results.rows.map(\.learningRate)).sorted().map { "\($0)" }.joined(separator: ", ")
        var facts: [(String, String)] = [
            ("Begun", HTML.escape(results.started)),
            ("Text", HTML.escape(data.sources.joined(separator: ", "))),
            ("SHA-256 of the text", "<code>\(HTML.escape(data.sha256))</code>"),
            (
                "Splits",
                "\(HTML.grouped(data.splits.train)) bytes to train, \(HTML.grouped(data.splits.validation)) to validate, "
                    + "\(HTML.grouped(data.splits.test)) to test, in contiguous blocks"
            ),
            ("Seeds", results.budget.seeds.map(String.init).joined(separator: ", ")),
            ("Peak learning rate", HTML.escape(rates)),
            (
                "Machine",
                HTML.escape(
                    "\(machine.processor); \(machine.processors) processors, \(machine.threads) used; "
                        + "\(SizeText.bytes(machine.memoryBytes)); \(machine.system)")
            ),
            ("Sizes", HTML.escape(MatchText.method(results))),
            ("Bits per byte", "on the whole test split; divided by its bytes"),
            ("Peak memory", "of the training process, as the kernel counted it, before evaluation"),
            ("State", "bytes of the saved session, weights not included"),
        ]
        if let best = data.bestPossibleBitsPerByte {
            facts.append(("Best possible", String(format: "%.4f bits per byte", best)))
        }
        let list = facts.map { "<dt>\($0.0)</dt><dd>\($0.1)</dd>" }
        return """
            <section id="method" aria-labelledby="method-title">
            <h2 id="method-title">What was done</h2>
            <p>To make this comparison again:</p>
            <pre>\(HTML.escape(results.command))</pre>
            <dl class="how">\(list.joined(separator: "\n"))</dl>
            \(configurations)
            </section>
            """
    }

    /// Configuration, initialisation and plugin of each model.
    private var configurations: String {
        models.compactMap { look -> String? in
            guard let row = results.rows.first(where: { $0.model == look.model }) else { return nil }
            let family = row.family.isEmpty ? "" : " · \(HTML.escape(row.family))"
            let start =
                row.initialisation.isEmpty ? "" : "<dt>First values</dt><dd>\(HTML.escape(row.initialisation))</dd>"
            let optimizer = row.optimizer.isEmpty ? "" : "<dt>Optimizer</dt><dd>AdamW, \(HTML.escape(row.optimizer))</dd>"
            return """
                <details><summary>\(label(look.model)) <span class="soft">\(HTML.escape(row.name))\(family)</span></summary>
                <dl class="how"><dt>Parameters</dt><dd>\(row.parameters.map(HTML.grouped) ?? "–")</dd>\(start)\(optimizer)
                <dt>Plugin, SHA-256</dt><dd><code>\(HTML.escape(row.pluginSHA256))</code></dd></dl>
                <pre>\(HTML.escape(row.config.prettyPrinted))</pre></details>
                """
        }.joined(separator: "\n")
    }
}
