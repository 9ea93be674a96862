public import Experiments
import Foundation

/// What changed between two comparisons, for a terminal.
public enum DifferenceText {
    /// Circumstances first, since they decide what the figures mean.
    ///
    /// - Parameter width: columns of the terminal; nil where there is none.
    public static func text(_ difference: ResultsDifference, width: Int? = nil) -> String {
        var parts: [String] = []
        if !difference.circumstances.isEmpty {
            var table = TextTable(columns: [("what differs", .left), ("old", .left), ("new", .left)])
            for item in difference.circumstances { table.add([item.name, short(item.old), short(item.new)]) }
            parts.append(text(table, width, keys: ["what differs"]))
        }
        var lines: [String] = []
        if !difference.added.isEmpty { lines.append("Only in the new comparison: \(difference.added.joined(separator: ", "))") }
        if !difference.removed.isEmpty { lines.append("Only in the old comparison: \(difference.removed.joined(separator: ", "))") }
        lines += difference.endings.map { "\($0.model): runs ended \($0.old) before, \($0.new) now" }
        if !lines.isEmpty { parts.append(lines.map { TextTable.printable($0) + "\n" }.joined()) }
        if !difference.figures.isEmpty {
            var table = TextTable(columns: [
                ("model", .left), ("figure", .left), ("old", .right), ("new", .right), ("change", .right), ("", .left),
            ])
            for change in difference.figures {
                table.add([
                    change.model, FigureText.name(change.figure), FigureText.value(change.old, change.figure),
                    FigureText.value(change.new, change.figure), FigureText.change(change), FigureText.verdict(change),
                ])
            }
            parts.append(text(table, width, keys: ["model", "figure"]))
        }
        parts.append(
            notes(difference).flatMap { line in width.map { WrappedText.lines(line, width: $0) } ?? [line] }.map { $0 + "\n" }.joined())
        return parts.joined(separator: "\n")
    }

    private static func text(_ table: TextTable, _ width: Int?, keys: Set<String>) -> String {
        width.map { table.text(width: $0, repeating: keys) } ?? table.text
    }

    private static func short(_ text: String) -> String { text.count > 40 ? text.prefix(37) + "…" : text }

    /// How to read it, and the answer.
    static func notes(_ difference: ResultsDifference) -> [String] {
        var notes: [String] = []
        if difference.figures.contains(where: { $0.method == .paired || $0.method == .welch }) {
            notes.append(
                "± is half the 95 % interval of the change: over the differences of the same seeds, or Welch's where seeds differ. Better and worse: at 5 % after Holm's correction for all that was tested.")
        }
        if difference.figures.contains(where: { $0.method == .none && $0.reservation.isEmpty }) {
            notes.append("One run on a side: how much is chance is not known. More seeds would tell: --seeds 3.")
        }
        let worse = difference.figures.filter { $0.isSignificant && $0.isWorse }
        if difference.isWorse {
            let names = worse.map { "\($0.model) (\(FigureText.name($0.figure)))" } + difference.endings.filter(\.isWorse).map { "\($0.model) (fails)" }
            notes.append("Worse: \(names.joined(separator: ", ")).")
        } else {
            notes.append("Nothing got significantly worse.")
        }
        return notes
    }
}
