import Experiments
import Foundation

extension ScalingPage {
    /// A table from cells that are safe HTML; the first column names the row.
    private func table(_ name: String, _ heads: [String], _ rows: [[String]], left: Set<Int> = []) -> String {
        let head = heads.enumerated().map { index, text in
            "<th scope=\"col\"\(index == 0 || left.contains(index) ? " class=\"left\"" : "")>\(text)</th>"
        }
        let body = rows.map { cells in
            let rest = cells.dropFirst().enumerated().map { index, cell in
                "<td\(left.contains(index + 1) ? " class=\"left\"" : "")>\(cell)</td>"
            }
            return "<tr><th scope=\"row\">\(cells.first ?? "")</th>\(rest.joined())</tr>"
        }
        return """
            <div class="scroll" tabindex="0" role="region" aria-label="\(HTML.escape(name))"><table>
            <thead><tr>\(head.joined())</tr></thead><tbody>\(body.joined(separator: "\n"))</tbody></table></div>
            """
    }

    private func figure(_ id: String, _ title: String, _ note: String, isWide: Bool = false) -> String {
        guard chartLibrary != nil, charts.contains(where: { $0.id == id && !$0.series.isEmpty }) else { return "" }
        return """
            <figure\(isWide ? " class=\"wide\"" : "")><figcaption><h3>\(HTML.escape(title))</h3><p class="soft small">\(HTML.escape(note))</p></figcaption>
            <div class="frame"><canvas id="chart-\(id)" role="img" aria-label="\(HTML.escape(title)): the figures are in the tables"></canvas></div></figure>
            """
    }

    private func grid(_ figures: [String]) -> String {
        let shown = figures.filter { !$0.isEmpty }
        return shown.isEmpty ? "" : "<div class=\"charts\">\(shown.joined(separator: "\n"))</div>"
    }

    private func status(_ text: String, isFine: Bool) -> String {
        "<span class=\"status \(isFine ? "ok" : "bad")\">\(text)</span>"
    }

    /// The laws, what speaks against them, and all losses over operations.
    var lawsSection: String {
        func text(_ interval: Interval?, _ places: Int) -> String {
            interval.map { HTML.escape(ScalingText.interval($0, places: places)) } ?? "–"
        }
        let rows = models.map { model -> [String] in
            guard let fit = model.fit else {
                return [label(model.model), model.likelihood.rawValue, "", "–", "–", "–", "–", "–", "–", status("no fit", isFine: false)]
            }
            let isUsable = fit.objections.isEmpty
            return [
                label(model.model), model.likelihood.rawValue, "\(fit.runs) in \(fit.configurations)", text(fit.irreducible, 3),
                HTML.escape(ScalingText.figure(fit.law.parameterFactor)), text(fit.parameterExponent, 2),
                HTML.escape(ScalingText.figure(fit.law.tokenFactor)), text(fit.tokenExponent, 2),
                String(format: "%.2f %%", 100 * fit.spread), status(isUsable ? "usable" : "not usable", isFine: isUsable),
            ]
        }
        let notes = ScalingTable.lines(results).map { "<li>\(HTML.escape($0))</li>" }
        return """
            <section id="laws" aria-labelledby="laws-title">
            <h2 id="laws-title">Laws</h2>
            <p class="soft small">L(N, D) = E + A/N^α + B/D^β, nats a byte on the test part, with 95 % intervals in brackets.</p>
            \(table("Laws", ["Model", "Likelihood", "Runs in configurations", "E", "A", "α <small>size</small>", "B", "β <small>text</small>", "Off the law", "Beyond the runs"], rows, left: [1, 9]))
            \(grid([figure("losses", "Loss against operations", "Every run; lines are what the laws promise at the best size for each budget, dashed beyond what was measured.", isWide: true)]))
            <ul class="notes">\(notes.joined())</ul>
            </section>
            """
    }

    /// The most expensive configurations against what the rest promised.
    var heldOutSection: String {
        let rows = models.flatMap { model in
            (model.holdOut?.entries ?? []).map { entry in
                [
                    label(model.model), SizeText.short(entry.size), SizeText.short(entry.tokens), String(format: "%.4f", entry.measured),
                    HTML.escape(ScalingText.interval(entry.predicted, places: 4)), ScalingText.percent(entry.error),
                    status(entry.isInside ? "inside" : "outside", isFine: entry.isInside),
                    model.holdOut.map { ScalingText.percent($0.bestFitted / entry.measured - 1) } ?? "–",
                ]
            }
        }
        if rows.isEmpty { return "" }
        return """
            <section id="held-out" aria-labelledby="held-out-title">
            <h2 id="held-out-title">The largest runs, predicted</h2>
            <p class="soft small">The most expensive configurations were left out of a fit of their own, which then said what they would reach. The last column is the error
            of guessing the lowest loss that was fitted: a law that does no better has predicted nothing.</p>
            \(table("Held-out runs", ["Model", "Size", "Tokens", "Measured", "Predicted", "Error", "Interval", "Best of the rest"], rows, left: [6]))
            </section>
            """
    }

    /// Best size and tokens for budgets of operations and of seconds.
    var frontierSection: String {
        func part(_ axis: (ModelScaling) -> ScalingFrontier?, _ title: String, _ unit: String) -> String {
            let rows = models.flatMap { model in
                (axis(model)?.points ?? []).map { point in
                    [
                        label(model.model), ScalingTable.budget(point.budget, axis(model)?.unit ?? .operations),
                        HTML.escape(ScalingText.counts(point.parameters)), HTML.escape(ScalingText.counts(point.tokens)),
                        HTML.escape(ScalingText.interval(point.loss, places: 3)), point.isExtrapolated ? "extrapolated" : "",
                    ]
                }
            }
            if rows.isEmpty { return "" }
            let growth = models.compactMap { model -> String? in
                guard let frontier = axis(model), let size = frontier.sizeExponent, let tokens = frontier.tokenExponent else { return nil }
                return "\(model.model): the best size grows as \(unit)^\(ScalingText.interval(size, places: 2)), the best number of tokens as "
                    + "\(unit)^\(ScalingText.interval(tokens, places: 2))."
            }
            return """
                <h3>\(title)</h3>
                \(table(title, ["Model", "Budget", "Best size", "Best tokens", "Loss", ""], rows, left: [5]))
                <ul class="notes">\(growth.map { "<li>\(HTML.escape($0))</li>" }.joined())</ul>
                """
        }
        let operations = part(\.operations, "For a budget of operations", "C")
        let seconds = part(\.seconds, "For seconds of training on this machine", "t")
        if operations.isEmpty, seconds.isEmpty { return "" }
        return """
            <section id="frontier" aria-labelledby="frontier-title">
            <h2 id="frontier-title">The best size for a budget</h2>
            \(grid([
                figure("frontier-size", "Best size", "Parameters at which a budget of operations reaches the lowest loss, with 95 % intervals."),
                figure("frontier-tokens", "Best number of tokens", "Bytes to learn from at that size."),
            ]))
            \(operations)
            \(seconds)
            </section>
            """
    }

    /// The curves of one model, its residuals and profiles, and every run.
    func modelSection(_ model: ModelScaling) -> String {
        let own = results.points.filter { $0.model == model.model }
        let residuals = model.fit?.residuals ?? []
        let rows = own.enumerated().map { index, point in
            [
                SizeText.short(point.size), HTML.grouped(point.parameters), HTML.grouped(point.tokens), "\(point.seed)",
                HTML.escape(ScalingText.operations(point.operations)), point.seconds.map(SizeText.duration) ?? "–", String(format: "%.4f", point.loss),
                index < residuals.count ? ScalingText.percent(exp(residuals[index]) - 1) : "–",
            ]
        }
        let profiles = model.profiles.map { profile in
            [
                HTML.escape(ScalingText.operations(profile.operations)), "\(profile.entries.count)", String(format: "%.2f", profile.operationsRatio),
                profile.best.map { HTML.escape(ScalingText.counts($0)) } ?? "–", HTML.escape(profile.refusal ?? ""),
            ]
        }
        let id = ScalingPage.identifier(looks[model.model]?.index ?? 0)
        let profileTable =
            profiles.isEmpty
            ? "" : table("Profiles", ["Operations", "Sizes", "Largest / smallest", "Best size", ""], profiles, left: [4])
        return """
            <section id="\(id)" aria-labelledby="\(id)-title">
            <h2 id="\(id)-title">\(label(model.model))</h2>
            \(grid([
                figure("\(id)-tokens", "Loss against tokens", "One line for each size: the law. Marks: the runs."),
                figure("\(id)-sizes", "Loss against parameters", "One line for each token count: the law. Marks: the runs."),
                figure("\(id)-residuals", "What the law misses", "Loss of each run above or below the law, by operations."),
                figure("\(id)-profiles", "Sizes at equal operations", "Runs that cost the same, and the parabola through them: its lowest point is the best size."),
            ]))
            \(profileTable)
            <details><summary>Every run</summary>
            \(table("Runs of \(model.model)", ["Size", "Parameters", "Tokens", "Seed", "Operations", "Seconds", "Loss", "Off the law"], rows))
            </details>
            </section>
            """
    }

    static func identifier(_ index: Int) -> String { "model-\(index + 1)" }

    /// What was done and how to do it again.
    var methodSection: String {
        let data = results.data
        let facts: [(String, String)] = [
            ("Text", HTML.escape(data.sources.joined(separator: ", "))),
            ("SHA-256 of the text", "<code>\(HTML.escape(data.sha256))</code>"),
            (
                "Fit",
                "sum of Huber losses of log residuals, threshold 0.001, from 192 starts, by a quasi-Newton method with the exact gradient; the best is taken"
            ),
            (
                "Intervals",
                "percentiles of \(models.compactMap { $0.fit?.replicates }.first ?? 0) fits; sizes and tokens stay, mean residuals of configurations and what seeds lie "
                    + "off them are drawn anew, made larger by what five unknowns took away"
            ),
            ("Operations", "6 × parameters × tokens, and attention where the configuration has its keys"),
            ("Parameters", results.excludesEmbeddings ? "without tables of embeddings" : "all, embeddings included; tied ones once"),
        ]
        return """
            <section id="method" aria-labelledby="method-title">
            <h2 id="method-title">What was done</h2>
            <p>To make this study again:</p>
            <pre>\(HTML.escape(results.command))</pre>
            <dl class="how">\(facts.map { "<dt>\($0.0)</dt><dd>\($0.1)</dd>" }.joined(separator: "\n"))</dl>
            </section>
            """
    }
}
