import Evaluation
import Experiments
import Foundation

extension ReportPage {
    /// Every run, failed ones with their cause.
    var runsSection: String {
        let rows = results.rows.map { row in
            func cell(_ value: Double?, _ text: String?) -> String {
                "<td data-value=\"\(value.map { "\($0)" } ?? "")\">\(text ?? "–")</td>"
            }
            let operations = row.operations(context: results.budget.context)
            let error = row.bitsPerByteStandardError.map {
                String(format: " <span class=\"minor\">(s.e. %.4f)</span>", $0)
            }
            let cells = [
                "<th scope=\"row\" data-value=\"\(HTML.escape(row.model))\">\(label(row.model))\(row.task.map { " <span class=\"minor\">\(HTML.escape($0.specification.text))</span>" } ?? "")</th>",
                "<td>\(row.seed)</td>", ReportPage.status(row.status.rawValue, isFine: row.status == .ok),
                row.task != nil
                    ? cell(
                        row.task?.atTrainingLength?.accuracy,
                        row.task?.atTrainingLength.map { String(format: "%.4f", $0.accuracy) + " @\(SizeText.context($0.length))" })
                    : cell(row.bitsPerByte, row.bitsPerByte.map { String(format: "%.4f", $0) + (error ?? "") }),
                cell(row.parameters.map(Double.init), row.parameters.map(HTML.grouped)),
                cell(Double(row.trainTokens), SizeText.short(row.trainTokens)),
                cell(operations, operations.map(SizeText.rate)),
                "<td>\(row.learningRate)</td>",
                cell(row.trainTokensPerSecond, row.trainTokensPerSecond.map(SizeText.rate)),
                cell(row.seconds, row.seconds.map(SizeText.duration)),
                cell(row.peakMemoryBytes.map(Double.init), row.peakMemoryBytes.map(SizeText.bytes)),
            ]
            return "<tr\(row.status == .ok ? "" : " data-failed")>\(cells.joined())</tr>"
        }
        let names = [
            "Model", "Seed", "Status", isOnTasks ? "Accuracy" : "Bits per byte", "Parameters", "Tokens", "Operations", "Learning rate", "Tokens/s", "Time",
            "Memory",
        ]
        // Not a column: a sentence in the last one is out of sight on a small screen and a sliver on paper.
        let details = results.rows.filter { !$0.detail.isEmpty }.map { row in
            "<li>\(label(row.model)), seed \(row.seed): \(row.status.rawValue): \(HTML.escape(row.detail))</li>"
        }
        let heads = names.enumerated().map { index, name in
            let left = ["Model", "Status"].contains(name) ? " class=\"left\"" : ""
            return "<th scope=\"col\"\(left) data-column=\"\(index)\" data-sort=\"ascending\">\(name)</th>"
        }
        return """
            <section id="runs" aria-labelledby="runs-title">
            <h2 id="runs-title">Every run</h2>
            <div class="scroll" tabindex="0" role="region" aria-label="Table of runs"><table class="sortable">
            <thead><tr>\(heads.joined())</tr></thead>
            <tbody>\(rows.joined(separator: "\n"))</tbody></table></div>
            \(details.isEmpty ? "" : "<ul class=\"notes details\">\(details.joined(separator: "\n"))</ul>")
            </section>
            """
    }
}
