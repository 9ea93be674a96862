public import Experiments
import Foundation

/// What changed between two comparisons, as one HTML file without script that fetches nothing.
public struct DifferencePage {
    private let difference: ResultsDifference
    private let old: ComparisonResults
    private let new: ComparisonResults
    private let looks: [String: ModelLook]

    /// `difference` is that of `old` and `new`.
    public init(_ difference: ResultsDifference, old: ComparisonResults, new: ComparisonResults) {
        self.difference = difference
        self.old = old
        self.new = new
        looks = ModelLook.assign((new.rows + old.rows).map(\.model))
    }

    /// The whole document.
    public var html: String {
        HTMLPage(
            title: "What changed", style: ReportStyle.text,
            body: """
                <header>
                <p class="kicker">Two comparisons of sequence architectures</p>
                <h1>What changed</h1>
                <dl class="how"><dt>Old, \(HTML.escape(old.started))</dt><dd><code>\(HTML.escape(old.command))</code></dd>\
                <dt>New, \(HTML.escape(new.started))</dt><dd><code>\(HTML.escape(new.command))</code></dd></dl>
                </header>
                <main>
                <ul class="findings">\(DifferenceText.notes(difference).reversed().map { "<li>\(HTML.escape($0))</li>" }.joined())</ul>
                \(circumstances)
                \(models)
                \(figures)
                </main>
                """
        ).html
    }

    private var circumstances: String {
        if difference.circumstances.isEmpty { return "<p>Budget, text, machine, plugins and configurations are the same.</p>" }
        let rows = difference.circumstances.map { item in
            "<tr><th scope=\"row\">\(HTML.escape(item.name))</th><td class=\"left wrap\">\(HTML.escape(item.old))</td><td class=\"left wrap\">\(HTML.escape(item.new))</td></tr>"
        }
        return section(
            "circumstances", "What differs before any result",
            table("Circumstances", ["What", "Old", "New"], left: [0, 1, 2], rows))
    }

    private var models: String {
        var lines: [String] = []
        if !difference.added.isEmpty { lines.append("Only in the new comparison: " + difference.added.map(label).joined(separator: ", ")) }
        if !difference.removed.isEmpty { lines.append("Only in the old comparison: " + difference.removed.map(label).joined(separator: ", ")) }
        lines += difference.endings.map { "\(label($0.model)): runs ended \(HTML.escape($0.old)) before, \(HTML.escape($0.new)) now" }
        if lines.isEmpty { return "" }
        return section("models", "Models", "<ul>\(lines.map { "<li>\($0)</li>" }.joined())</ul>")
    }

    private var figures: String {
        if difference.figures.isEmpty { return "<p>The two have no model in common that ended well in both.</p>" }
        let rows = difference.figures.map { change -> String in
            let verdict = FigureText.verdict(change)
            let mark = change.isSignificant ? "<span class=\"status \(change.isWorse ? "bad" : "ok")\">\(verdict)</span>" : "<span class=\"soft\">\(HTML.escape(verdict))</span>"
            return """
                <tr><th scope="row">\(label(change.model))</th><td class="left">\(HTML.escape(FigureText.name(change.figure)))</td>\
                <td>\(FigureText.value(change.old, change.figure))</td><td>\(FigureText.value(change.new, change.figure))</td>\
                <td\(change.isSignificant ? " class=\"strong\"" : "")>\(FigureText.change(change))</td><td class="left">\(mark)</td></tr>
                """
        }
        return section(
            "figures", "Figures", table("Figures", ["Model", "Figure", "Old", "New", "Change", "Verdict"], left: [0, 1, 5], rows))
    }

    private func label(_ model: String) -> String { (looks[model]?.swatch ?? "") + HTML.escape(model) }

    private func section(_ id: String, _ title: String, _ content: String) -> String {
        "<section id=\"\(id)\" aria-labelledby=\"\(id)-title\"><h2 id=\"\(id)-title\">\(title)</h2>\(content)</section>"
    }

    private func table(_ label: String, _ names: [String], left: Set<Int>, _ rows: [String]) -> String {
        let heads = names.enumerated().map { "<th scope=\"col\"\(left.contains($0) ? " class=\"left\"" : "")>\($1)</th>" }
        return """
            <div class="scroll" tabindex="0" role="region" aria-label="\(label)"><table><thead><tr>\(heads.joined())</tr></thead>
            <tbody>\(rows.joined(separator: "\n"))</tbody></table></div>
            """
    }
}
