import Evaluation
import Experiments
import Foundation

/// Published figures beside measured ones.
enum PublishedTable {
    /// For a terminal; "" where nothing published is known.
    static func text(_ results: ComparisonResults, width: Int?) -> String {
        if results.published.isEmpty { return "" }
        var table = TextTable(columns: [
            ("model", .left), ("figure", .left), ("published", .right), ("band", .left), ("measured", .right), ("", .left), ("source", .left),
        ])
        for figure in results.published {
            table.add([
                figure.model, name(figure), value(figure.value), band(figure), TaskTable.accuracy(figure.measured(in: results.rows)),
                verdict(figure, results.rows).words, figure.source,
            ])
        }
        return "Published and measured\n" + (width.map { table.text(width: $0, repeating: ["model", "figure"]) } ?? table.text)
    }

    /// `mqar:pairs=4, scaled accuracy at 256`
    static func name(_ figure: PublishedFigure) -> String {
        let measure = figure.measure.rawValue.replacing("_", with: " ")
        let place = figure.length.map { " at \(SizeText.context($0))" } ?? ""
        return (figure.task.map { "\($0.text), " } ?? "") + measure + place
    }

    static func value(_ value: Double) -> String { String(format: "%.3f", value) }

    static func band(_ figure: PublishedFigure) -> String { "\(value(figure.low)) to \(value(figure.high))" }

    /// In words, and whether it is good; nil where nothing was measured.
    static func verdict(_ figure: PublishedFigure, _ rows: [ResultRow]) -> (words: String, isFine: Bool?) {
        guard let measured = figure.measured(in: rows) else { return ("not measured", nil) }
        return figure.agrees(with: measured.mean) ? ("reproduced", true) : ("not reproduced", false)
    }
}
