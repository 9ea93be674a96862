import Experiments
import Foundation
import SequenceModel

extension ReportPage {
    /// Each row of the results: how its model began, what it was trained with, what it took, and the command that makes it again.
    var modelsSection: String {
        let items = summaries.map(details)
        if items.isEmpty { return "" }
        return """
            <section id="models" aria-labelledby="models-title">
            <h2 id="models-title">Each model, and the command that makes its row again</h2>
            <p class="soft small">The command names everything that matters, the configuration included, and needs the same plugin and text.</p>
            \(items.joined(separator: "\n"))
            </section>
            """
    }

    private func details(_ summary: ModelSummary) -> String {
        let row = summary.finished.first ?? summary.rows[0]
        var facts: [(String, String)] = [("Parameters", row.parameters.map(HTML.grouped) ?? "–")]
        if !row.initialisation.isEmpty { facts.append(("First values", HTML.escape(row.initialisation))) }
        if !row.optimizer.isEmpty { facts.append(("Optimizer", "AdamW, \(HTML.escape(row.optimizer))")) }
        let training = ReportPage.training(row)
        if !training.isEmpty { facts.append(("Training options", HTML.escape(training))) }
        if let tuned = results.tuning.first(where: { $0.model == row.model && $0.isChosen }) {
            facts.append(("Of these tuned", HTML.escape(tuned.text)))
        }
        facts.append(("Tokens", HTML.grouped(row.trainTokens)))
        if let operations = row.operations(context: results.budget.context) {
            facts.append(("Operations", String(format: "%.3g", operations)))
        }
        if let seconds = summary.mean(\.seconds) { facts.append(("Time in training", SizeText.duration(seconds))) }
        facts.append(("Plugin, SHA-256", "<code>\(HTML.escape(row.pluginSHA256))</code>"))
        let list = facts.map { "<dt>\($0.0)</dt><dd>\($0.1)</dd>" }.joined()
        let family = row.family.isEmpty ? "" : " · \(HTML.escape(row.family))"
        let commands = ReportPage.commands(summary, plugins: pluginWords)
        let command = commands.isEmpty ? "" : "<p class=\"small\">To make this row again:</p>"
            + commands.map { "<pre class=\"command\">\(HTML.escape($0))</pre>" }.joined()
        return """
            <details><summary>\(label(row.model)) <span class="soft">\(HTML.escape(row.name))\(family)</span></summary>
            <dl class="how">\(list)</dl>
            \(command)
            <details class="inner"><summary>Configuration</summary><pre>\(HTML.escape(row.config.prettyPrinted))</pre></details></details>
            """
    }

    /// Learning rate, schedule and so on; the budget stands at the top of the page.
    private static func training(_ row: ResultRow) -> String {
        guard let options = row.training?.value.objectValue else { return "peak learning rate \(row.learningRate)" }
        let own: Set<String> = ["learning_rate", "min_learning_rate", "warmup", "schedule", "weight_decay", "beta1", "beta2", "epsilon", "clip"]
        return options.keys.filter(own.contains).map { key in
            "\(key) \(options[key]?.stringValue ?? options[key]?.description ?? "")"
        }.joined(separator: ", ")
    }

    /// One command for all seeds where their own differ in nothing else; empty for results from before commands were kept.
    static func commands(_ summary: ModelSummary, plugins: String) -> [String] {
        func general(_ row: ResultRow) -> String? {
            row.command?.replacing(" --seeds \(row.seed), ", with: " --seeds \u{0} ").replacing("\(row.model)-seed-\(row.seed)", with: "\(row.model)-again")
        }
        let all = Set(summary.rows.map(general))
        if all.count == 1, let command = all.first ?? nil {
            let seeds = summary.rows.map { "\($0.seed)" }.joined(separator: ",") + (summary.rows.count == 1 ? "," : "")
            return [command.replacing("\u{0}", with: seeds) + plugins]
        }
        return summary.rows.compactMap { $0.command.map { $0 + plugins } }
    }

    /// ` --plugins DIR` as the comparison had it: without it the command may not find the model.
    private var pluginWords: String {
        let words = results.command.split(separator: " ").map(String.init)
        return words.indices.compactMap { index -> String? in
            if words[index].hasPrefix("--plugins=") { return " " + words[index] }
            return words[index] == "--plugins" && index + 1 < words.count ? " --plugins " + words[index + 1] : nil
        }.joined()
    }
}
