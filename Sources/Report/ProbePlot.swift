import Experiments
import Foundation

/// The values of a probe as a picture: bars for one axis, a heat map for two (further axes go down as well), the number for
/// none. Drawn with attributes alone, since the page allows no style but its own sheet.
struct ProbePlot {
    private let figure: ProbeFigure
    private let colour: String
    private let low: Double
    private let high: Double
    private static let labelWidth = 84.0
    private static let width = 440.0

    init(_ figure: ProbeFigure, colour: String) {
        self.figure = figure
        self.colour = colour
        let values = figure.values.compactMap(\.self)
        low = values.min() ?? 0
        high = values.max() ?? 0
    }

    var svg: String {
        switch figure.axes.count {
        case 0: "<p class=\"number\">\((figure.values.first ?? nil).map(ProbePlot.text) ?? "–")</p>"
        case 1: bars
        default: heatMap
        }
    }

    /// A number with four significant digits.
    static func text(_ value: Double) -> String {
        if value == 0 { return "0" }
        return abs(value) >= 0.001 && abs(value) < 1e5 ? String(format: "%.\(decimals(value))f", value) : String(format: "%.2e", value)
    }

    private static func decimals(_ value: Double) -> Int {
        abs(value) >= 1000 ? 0 : abs(value) >= 100 ? 1 : abs(value) >= 1 ? 3 : abs(value) >= 0.1 ? 3 : 4
    }

    /// "layer 2, head 0"
    static func place(_ figure: ProbeFigure, _ index: Int) -> String {
        var rest = index
        var parts: [String] = []
        for axis in figure.axes.indices.reversed() {
            parts.insert("\(figure.axes[axis]) \(figure.label(axis, rest % figure.extents[axis]))", at: 0)
            rest /= figure.extents[axis]
        }
        return parts.joined(separator: ", ")
    }

    /// One bar below the other, from zero; from the left edge where nothing is negative.
    private var bars: String {
        let count = figure.extents[0]
        let height = 22.0
        let (from, to) = (min(low, 0), max(high, 0))
        let room = ProbePlot.width - ProbePlot.labelWidth - 62
        func x(_ value: Double) -> Double {
            ProbePlot.labelWidth + (to > from ? (value - from) / (to - from) * room : 0)
        }
        let rows = (0 ..< count).map { index -> String in
            let y = Double(index) * height
            let name = HTML.escape("\(figure.axes[0]) \(figure.label(0, index))")
            var row = ProbePlot.write(name, x: ProbePlot.labelWidth - 8, y: y + 15, anchor: "end", fill: "#5a6675")
            guard let value = figure.values[index] else {
                return row + ProbePlot.write("–", x: ProbePlot.labelWidth + 6, y: y + 15, anchor: "start", fill: "#1b2430")
            }
            let (left, right) = (x(min(value, 0)), x(max(value, 0)))
            row += ProbePlot.rectangle(left, y + 3, max(right - left, 1), height - 6, colour)
            return row
                + ProbePlot.write(ProbePlot.text(value), x: right + 6, y: y + 15, anchor: "start", fill: "#1b2430")
        }
        return frame(height: Double(count) * height, rows)
    }

    private var heatMap: String {
        let across = figure.extents[figure.extents.count - 1]
        let down = figure.values.count / max(across, 1)
        let last = figure.axes.count - 1
        let (top, height) = (22.0, 26.0)
        let cell = min(72, (ProbePlot.width - ProbePlot.labelWidth) / Double(across))
        let hasText = cell >= 40
        let step = max(1, Int((44 / cell).rounded(.up)))
        var parts = stride(from: 0, to: across, by: step).map { column -> String in
            let name = (column == 0 ? "\(figure.axes[last]) " : "") + figure.label(last, column)
            return ProbePlot.write(
                HTML.escape(name), x: ProbePlot.labelWidth + (Double(column) + 0.5) * cell, y: 14, anchor: "middle", fill: "#5a6675")
        }
        for row in 0 ..< down {
            let y = top + Double(row) * height
            var place = figure
            place.axes.removeLast()
            place.extents.removeLast()
            parts.append(
                ProbePlot.write(
                    HTML.escape(ProbePlot.place(place, row)), x: ProbePlot.labelWidth - 8, y: y + 17, anchor: "end", fill: "#5a6675"))
            for column in 0 ..< across {
                let index = row * across + column
                let x = ProbePlot.labelWidth + Double(column) * cell
                let share = figure.values[index].map { high > low ? ($0 - low) / (high - low) : 0.5 }
                let value = figure.values[index].map(ProbePlot.text) ?? "–"
                let title = "<title>\(HTML.escape(ProbePlot.place(figure, index))): \(value)</title>"
                parts.append(
                    ProbePlot.rectangle(x + 0.5, y + 0.5, cell - 1, height - 1, share.map(ProbePlot.shade) ?? "#f4f6f8", title))
                if hasText {
                    parts.append(
                        ProbePlot.write(
                            value, x: x + cell / 2, y: y + 17, anchor: "middle", fill: (share ?? 0) > 0.5 ? "#ffffff" : "#1b2430"))
                }
            }
        }
        return frame(height: top + Double(down) * height, parts)
    }

    /// From nearly white to the dark blue of the page: lightness alone orders it, for every kind of colour vision and on paper.
    private static func shade(_ share: Double) -> String {
        let (light, dark) = ([234.0, 243.0, 250.0], [8.0, 69.0, 110.0])
        let parts = zip(light, dark).map { Int(($0 + ($1 - $0) * share).rounded()) }
        return String(format: "#%02x%02x%02x", parts[0], parts[1], parts[2])
    }

    private func frame(height: Double, _ parts: [String]) -> String {
        let range = figure.values.isEmpty ? "" : ", from \(ProbePlot.text(low)) to \(ProbePlot.text(high))"
        return """
            <svg class="probe" viewBox="0 0 \(ProbePlot.number(ProbePlot.width)) \(ProbePlot.number(height))" font-size="12" role="img" \
            aria-label="Values by \(HTML.escape(figure.axes.joined(separator: " and ")))\(range): the numbers are in the table below">\
            \(parts.joined())</svg>
            """
    }

    private static func write(_ text: String, x: Double, y: Double, anchor: String, fill: String) -> String {
        "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\" fill=\"\(fill)\">\(text)</text>"
    }

    private static func rectangle(
        _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ fill: String, _ inside: String = ""
    ) -> String {
        "<rect x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(width))\" height=\"\(number(height))\" fill=\"\(fill)\">\(inside)</rect>"
    }

    private static func number(_ value: Double) -> String { String(format: "%g", (value * 10).rounded() / 10) }
}
