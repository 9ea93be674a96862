import Evaluation
import Experiments
import Foundation

extension ReportPage {
    /// Whether the comparison is on generated tasks.
    var isOnTasks: Bool { results.rows.contains { $0.task != nil } }

    /// Heat map of models and tasks, then each task: a literal row, its charts and its figures.
    var tasksSection: String {
        let summaries = TaskSummary.summarise(results.rows)
        let tasks = TaskTable.tasks(summaries)
        guard !tasks.isEmpty else { return "" }
        let notes = TaskTable.explanations(summaries).map { "<li>\(HTML.escape($0))</li>" }
        let chapters = tasks.enumerated().map { index, task in
            chapter(index, task, summaries.filter { $0.task.specification == task.specification })
        }
        let buttons = models.map { look in
            "<button type=\"button\" aria-pressed=\"true\" data-model=\"\(HTML.escape(look.model))\">\(look.swatch)\(HTML.escape(look.model))</button>"
        }
        return """
            <section id="results" aria-labelledby="tasks-title">
            <h2 id="tasks-title">Results on tasks</h2>
            \(missingCharts)
            \(heatMap(tasks, summaries))
            <ul class="notes">\(notes.joined())</ul>
            \(chartLibrary == nil ? "" : "<div class=\"legend\" role=\"group\" aria-label=\"Show or hide models\">\(buttons.joined())</div>")
            \(chapters.joined(separator: "\n"))
            </section>
            """
    }

    private var missingCharts: String {
        guard chartLibrary == nil else { return "" }
        return """
            <p class="warning">Charts are left out, since Chart.js was not found when this report was written. To have them:
            <code>apt install libjs-chart.js</code>, then <code>zoo report</code> on the folder of this comparison.</p>
            """
    }

    /// Accuracy at the longest learned length, and beneath it at the longest tested one, in colours of the scaled accuracy.
    private func heatMap(_ tasks: [TaskResult], _ summaries: [TaskSummary]) -> String {
        let head = tasks.map { task -> String in
            let chance = String(format: task.chance < 0.001 ? "%.4f" : "%.2f", task.chance)
            return "<th scope=\"col\">\(HTML.escape(task.name))<small>chance \(chance)</small></th>"
        }
        let rows = models.map { look -> String in
            let cells = tasks.map { task -> String in
                guard let summary = summaries.first(where: { $0.model == look.model && $0.task.specification == task.specification }) else {
                    return "<td>–</td>"
                }
                return heatCell(summary)
            }
            return "<tr><th scope=\"row\">\(label(look.model))</th>\(cells.joined())</tr>"
        }
        let scale = (0 ... 10).map { "<td class=\"heat heat\($0)\">\(String(format: "%.1f", Double($0) / 10))</td>" }
        return """
            <div class="scroll" tabindex="0" role="region" aria-label="Heat map of accuracies"><table class="heatmap">
            <thead><tr><th scope="col" class="left">Model</th>\(head.joined())</tr></thead>
            <tbody>\(rows.joined(separator: "\n"))</tbody></table></div>
            <p class="soft small">Large: accuracy at the longest length that was learned; small: at the longest that was tested. Colour: 0 is chance, 1 always right.</p>
            <table class="heatscale" aria-label="Scale of colours"><tbody><tr>\(scale.joined())</tr></tbody></table>
            """
    }

    private func heatCell(_ summary: TaskSummary) -> String {
        guard let main = summary.mainLength, let accuracy = summary.accuracy(at: main) else {
            return "<td>\(HTML.escape(TaskTable.status(summary)))</td>"
        }
        let scaled = summary.accuracy(at: main, scaled: true)?.mean ?? 0
        let level = Int((min(max(scaled, 0), 1) * 10).rounded())
        var small = "@\(SizeText.context(main))"
        if let last = summary.lengths.last, last > main, let far = summary.accuracy(at: last) {
            small = String(format: "%.2f", far.mean) + " @\(SizeText.context(last))"
        }
        let spread = accuracy.halfWidth.map { String(format: " ± %.3f", $0) } ?? ""
        return "<td class=\"heat heat\(level)\" title=\"\(HTML.escape(String(format: "%.3f", accuracy.mean) + spread))\">"
            + "\(String(format: "%.2f", accuracy.mean))<small>\(small)</small></td>"
    }

    private func chapter(_ index: Int, _ task: TaskResult, _ summaries: [TaskSummary]) -> String {
        let description = try? TaskCatalogue.description(of: task.name)
        var figures = [
            taskFigure(
                "length-\(index)", "Accuracy against test length",
                "Dashed: chance. Dotted: the longest row that was learned. Mean over seeds.")
        ]
        if summaries.contains(where: { $0.finished.contains { $0.task?.curve.isEmpty == false } }) {
            figures.append(taskFigure("steps-\(index)", "Accuracy over training", "On rows that training never sees, at the lengths of training."))
        }
        if summaries.contains(where: { summary in summary.lengths.last.flatMap { summary.stateBytes(at: $0) } != nil }) {
            figures.append(
                taskFigure(
                    "memory-\(index)", "Accuracy against state",
                    "At every tested length: bytes of the saved session after a row, measured by the host. Lines join the lengths of one model."))
        }
        if summaries.contains(where: { !$0.documents.isEmpty }) {
            figures.append(
                taskFigure(
                    "documents-\(index)", "Accuracy document by document",
                    "Solid: with the documents before it read; thin: the same answers from the document alone."))
        }
        return """
            <h3 class="task">\(HTML.escape(task.specification.text))</h3>
            <p>\(HTML.escape(description?.summary ?? ""))</p>
            <p class="soft small">\(HTML.escape(description?.paper ?? ""))</p>
            \(literalRow(task))
            \(chartLibrary == nil ? "" : "<div class=\"charts\">\(figures.joined(separator: "\n"))</div>")
            \(taskFigures(task, summaries))
            """
    }

    private func taskFigure(_ id: String, _ title: String, _ note: String) -> String {
        """
        <figure><figcaption><h3>\(title)</h3><p class="soft small">\(note)</p></figcaption>
        <div class="frame"><canvas id="chart-task-\(id)" role="img" aria-label="\(title): the figures are in the table below the charts"></canvas></div></figure>
        """
    }

    /// One row of the test part as it is read, answers beneath.
    private func literalRow(_ task: TaskResult) -> String {
        guard let shown = try? ShownTask(task.specification) else { return "" }
        let text = shown.text(width: 110)
        // A row of many lines is told by its beginning and its end, where the questions are.
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let kept = lines.count <= 40 ? text : (lines.prefix(12) + ["  …", ""] + lines.suffix(22)).joined(separator: "\n")
        return "<details open><summary>One literal row</summary><pre>\(HTML.escape(kept))</pre></details>"
    }

    private func taskFigures(_ task: TaskResult, _ summaries: [TaskSummary]) -> String {
        let lengths = Set(summaries.flatMap(\.lengths)).sorted()
        let head = lengths.map { "<th scope=\"col\">at \(SizeText.context($0))</th>" }
        let rows = summaries.map { summary -> String in
            let cells = lengths.map { "<td>\(TaskTable.accuracy(summary.accuracy(at: $0)))</td>" }
            let last = summary.lengths.last
            let more = [
                TaskTable.accuracy(last.flatMap { summary.accuracy(at: $0, scaled: true) }),
                summary.mainLength.flatMap { summary.bits(at: $0) }.map { String(format: "%.3f", $0) } ?? "–",
                last.flatMap { summary.stateBytes(at: $0) }.map(SizeText.bytes) ?? "–", TaskTable.solved(summary),
                last.flatMap { summary.examples(at: $0) }.map(String.init) ?? "–",
            ]
            return "<tr><th scope=\"row\">\(label(summary.model))</th>\(cells.joined())\(more.map { "<td>\($0)</td>" }.joined())"
                + ReportPage.status(TaskTable.status(summary), isFine: summary.rows.allSatisfy { $0.status == .ok }) + "</tr>"
        }
        let names = ["scaled, longest", "bits/answer", "state, longest", "solved at", "rows tested"]
        return """
            <details open><summary>Accuracy as a table</summary>
            <div class="scroll" tabindex="0" role="region" aria-label="Accuracies on \(HTML.escape(task.name))"><table>
            <thead><tr><th scope="col" class="left">Model</th>\(head.joined())\(names.map { "<th scope=\"col\">\($0)</th>" }.joined())
            <th scope="col" class="left">Status</th></tr></thead>
            <tbody>\(rows.joined(separator: "\n"))</tbody></table></div></details>
            """
    }
}
