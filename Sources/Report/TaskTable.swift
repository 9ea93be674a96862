import Evaluation
public import Experiments
import Foundation

/// The table that a comparison on tasks ends with on the terminal: models × lengths, one for each task.
public enum TaskTable {
    /// The tables, and what their figures mean.
    ///
    /// - Parameter width: columns of the terminal; nil where there is none.
    public static func text(_ results: ComparisonResults, width: Int? = nil) -> String {
        let summaries = TaskSummary.summarise(results.rows)
        var parts: [String] = []
        for task in tasks(summaries) {
            let group = summaries.filter { $0.task.specification == task.specification }
            parts.append(heading(task) + "\n" + table(group, width: width))
        }
        return (parts + [notes(results, summaries, width: width)]).filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// The tasks, in the order of the rows.
    static func tasks(_ summaries: [TaskSummary]) -> [TaskResult] {
        summaries.reduce(into: []) { tasks, summary in
            if !tasks.contains(where: { $0.specification == summary.task.specification }) { tasks.append(summary.task) }
        }
    }

    private static func heading(_ task: TaskResult) -> String {
        let chance = String(format: task.chance < 0.001 ? "%.5f" : "%.3f", task.chance)
        return "\(task.specification.text): accuracy at each length (learned up to \(task.trainLength), chance \(chance))"
    }

    private static func table(_ summaries: [TaskSummary], width: Int?) -> String {
        let lengths = Set(summaries.flatMap(\.lengths)).sorted()
        var columns: [(String, TextTable.Alignment)] = [("model", .left), ("parameters", .right)]
        columns += lengths.map { ("@\(SizeText.context($0))", .right) }
        columns += [("scaled", .right), ("bits/answer", .right), ("state", .right), ("solved at", .right), ("status", .left)]
        var table = TextTable(columns: columns)
        for summary in summaries {
            var cells = [summary.model, summary.rows[0].parameters.map(SizeText.short) ?? "–"]
            cells += lengths.map { length in accuracy(summary.accuracy(at: length)) }
            let longest = summary.lengths.last
            cells.append(accuracy(longest.flatMap { summary.accuracy(at: $0, scaled: true) }))
            cells.append(summary.mainLength.flatMap { summary.bits(at: $0) }.map { String(format: "%.3f", $0) } ?? "–")
            cells.append(longest.flatMap { summary.stateBytes(at: $0) }.map(SizeText.bytes) ?? "–")
            cells.append(solved(summary))
            cells.append(status(summary))
            table.add(cells)
        }
        let text = width.map { table.text(width: $0, repeating: ["model"]) } ?? table.text
        return text + documents(summaries)
    }

    /// `mamba: documents 1 to 16, carried 0.41 … 0.97, fresh 0.41 … 0.43`
    private static func documents(_ summaries: [TaskSummary]) -> String {
        let lines = summaries.compactMap { summary -> String? in
            let all = summary.documents
            guard let first = all.first, let last = all.last else { return nil }
            return "\(summary.model): documents \(first.document) to \(last.document), with those before "
                + String(format: "%.3f to %.3f, alone %.3f to %.3f", first.carried, last.carried, first.fresh, last.fresh) + "\n"
        }
        return lines.joined()
    }

    static func accuracy(_ accuracy: TaskSummary.Accuracy?) -> String {
        guard let accuracy else { return "–" }
        return String(format: "%.3f", accuracy.mean) + (accuracy.halfWidth.map { String(format: " ± %.3f", $0) } ?? "")
    }

    /// `step 400`, `steps 400–900`, `1 of 3`.
    static func solved(_ summary: TaskSummary) -> String {
        let steps = summary.solvedSteps
        guard let first = steps.first, let last = steps.last else { return "–" }
        let range = first == last ? "step \(first)" : "steps \(first)–\(last)"
        return steps.count < summary.finished.count ? "\(range), \(steps.count) of \(summary.finished.count)" : range
    }

    static func status(_ summary: TaskSummary) -> String {
        let failed = summary.rows.filter { $0.status != .ok }
        guard let first = failed.first else { return "ok" }
        return failed.count == summary.rows.count && failed.allSatisfy { $0.status == first.status }
            ? first.status.rawValue : "\(summary.finished.count) ok, \(failed.count) failed"
    }

    /// How to read the figures; the same sentences stand in the report.
    static func explanations(_ summaries: [TaskSummary]) -> [String] {
        var lines = [
            "accuracy: part of the answers that are right, each asked through predict given all that the model may see; chance: of the best answer "
                + "that looks at nothing.",
            "scaled: accuracy at the longest length, 0 at chance and 1 when always right; bits/answer at the length learned; state: bytes of the saved "
                + "session at the longest length.",
            String(format: "solved at: first validation with an accuracy of %.2f or more, on rows that training never sees.", TaskResult.solved),
        ]
        lines.append(
            summaries.contains { $0.finished.count > 1 }
                ? "± is half the 95 % confidence interval over seeds."
                : "One seed: how much another seed would change is not known.")
        return lines
    }

    private static func notes(_ results: ComparisonResults, _ summaries: [TaskSummary], width: Int?) -> String {
        var lines = explanations(summaries) + TuningText.lines(results.tuning)
        for row in results.rows where row.status != .ok {
            let task = row.task.map { " on \($0.specification.text)" } ?? ""
            lines.append("\(row.model)\(task), seed \(row.seed): \(row.status.rawValue): \(row.detail)")
        }
        return lines.map(TextTable.printable).flatMap { line in width.map { WrappedText.lines(line, width: $0) } ?? [line] }
            .map { $0 + "\n" }.joined()
    }
}
