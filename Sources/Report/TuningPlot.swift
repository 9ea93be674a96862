import Experiments
import Foundation
import SequenceModel

/// How much one model's result depends on one training option: small plots that share their scales, so that they can be compared at a
/// glance. Up is bits per byte above the best point of the model itself.
struct TuningPlot {
    /// One model at each value of the option; where other options were tried too, with the best of them.
    struct Profile: Equatable {
        let model: String
        /// Ascending.
        let values: [Double]
        /// Bits per byte of the validation part above the model's best; nil where no run ended well.
        let above: [Double?]
        let chosen: Double?
    }

    let key: String
    let profiles: [Profile]
    private let xRange: ClosedRange<Double>
    private let isLogarithmic: Bool
    private let top: Double
    private static let (width, height) = (196.0, 112.0)
    private static let (left, right, high, low) = (8.0, 12.0, 12.0, 22.0)

    /// Beyond this a point is drawn at the upper edge with its number: one bad point must not flatten all others.
    private static let largestTop = 0.5

    /// nil unless the option was tried with two numbers at least.
    init?(_ rows: [TuningRow], key: String) {
        let models = rows.reduce(into: [String]()) { if !$0.contains($1.model) { $0.append($1.model) } }
        func value(_ row: TuningRow) -> Double? { row.settings.value[key]?.doubleValue }
        profiles = models.compactMap { model in
            let own = rows.filter { $0.model == model }
            let values = Set(own.compactMap(value)).sorted()
            guard values.count > 1, let best = own.compactMap(\.validationBitsPerByte).min() else { return nil }
            let above = values.map { place in own.filter { value($0) == place }.compactMap(\.validationBitsPerByte).min().map { $0 - best } }
            return Profile(model: model, values: values, above: above, chosen: own.first(where: \.isChosen).flatMap(value))
        }
        let values = profiles.flatMap(\.values)
        guard let first = values.min(), let last = values.max(), first < last else { return nil }
        self.key = key
        isLogarithmic = first > 0
        xRange = first ... last
        top = min(max(profiles.flatMap(\.above).compactMap(\.self).max() ?? 0, 0.02), TuningPlot.largestTop)
    }

    /// Options that were tried with two numbers at least, in the order of the grid.
    static func keys(_ rows: [TuningRow]) -> [String] {
        let keys = rows.reduce(into: [String]()) { keys, row in
            for key in row.settings.value.objectValue?.keys ?? [] where !keys.contains(key) { keys.append(key) }
        }
        return keys.filter { key in Set(rows.compactMap { $0.settings.value[key]?.doubleValue }).count > 1 }
    }

    private func x(_ value: Double) -> Double {
        let scale: (Double) -> Double = isLogarithmic ? { log($0) } : { $0 }
        let share = (scale(value) - scale(xRange.lowerBound)) / (scale(xRange.upperBound) - scale(xRange.lowerBound))
        return TuningPlot.left + share * (TuningPlot.width - TuningPlot.left - TuningPlot.right)
    }

    private func y(_ above: Double) -> Double {
        let room = TuningPlot.height - TuningPlot.high - TuningPlot.low
        return TuningPlot.high + room * (1 - min(above / top, 1))
    }

    /// One figure for each model.
    func figures(_ label: (String) -> String, _ colour: (String) -> String) -> String {
        profiles.map { profile in
            "<figure><figcaption>\(label(profile.model))</figcaption>\(svg(profile, colour(profile.model)))</figure>"
        }.joined(separator: "\n")
    }

    /// What the height of the plots stands for.
    var scale: String { String(format: "%.3f", top) }

    private func svg(_ profile: Profile, _ colour: String) -> String {
        let known = zip(profile.values, profile.above).compactMap { value, above in above.map { (value, $0) } }
        let line = known.map { "\(TuningPlot.number(x($0)))" + " " + TuningPlot.number(y($1)) }.joined(separator: "L")
        let floor = TuningPlot.number(TuningPlot.height - TuningPlot.low)
        var text = "<path d=\"M\(TuningPlot.number(TuningPlot.left)) \(floor)H\(TuningPlot.number(TuningPlot.width - TuningPlot.right))\" stroke=\"#a9b2bd\"/>"
        text += "<path d=\"M\(line)\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"2\"/>"
        for (value, above) in known {
            let isChosen = value == profile.chosen
            let (px, py) = (TuningPlot.number(x(value)), TuningPlot.number(y(above)))
            text += """
                <circle cx="\(px)" cy="\(py)" r="\(isChosen ? 5.5 : 3.5)" fill="\(isChosen ? colour : "#ffffff")" stroke="\(colour)" stroke-width="2">\
                <title>\(HTML.escape(key)) \(TuningPlot.short(value)): +\(String(format: "%.3f", above))\(isChosen ? ", chosen" : "")</title></circle>
                """
            if above > top {
                let anchor = x(value) > TuningPlot.width / 2 ? "end" : "start"
                let shift = anchor == "end" ? -8.0 : 8.0
                text += TuningPlot.write(String(format: "+%.2f", above), x(value) + shift, TuningPlot.high + 4, anchor)
            }
        }
        for (index, value) in profile.values.enumerated() {
            let isEnd = index == 0 || index == profile.values.count - 1
            guard isEnd || profile.values.count <= 4 || value == profile.chosen else { continue }
            let anchor = index == 0 ? "start" : index == profile.values.count - 1 ? "end" : "middle"
            let shift = index == 0 ? -TuningPlot.left + 1 : index == profile.values.count - 1 ? TuningPlot.right - 1 : 0
            text += TuningPlot.write(TuningPlot.short(value), x(value) + shift, TuningPlot.height - 6, anchor)
        }
        for (value, above) in zip(profile.values, profile.above) where above == nil {
            text += TuningPlot.write("×", x(value), TuningPlot.high + 4, "middle")
        }
        return """
            <svg class="tuning" viewBox="0 0 \(Int(TuningPlot.width)) \(Int(TuningPlot.height))" width="196" height="112" font-size="11" role="img" \
            aria-label="\(HTML.escape(profile.model)) by \(HTML.escape(key)): the numbers are in the table above">\(text)</svg>
            """
    }

    private static func write(_ text: String, _ x: Double, _ y: Double, _ anchor: String) -> String {
        "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\" fill=\"#5a6675\">\(text)</text>"
    }

    private static func number(_ value: Double) -> String { String(format: "%g", (value * 10).rounded() / 10) }

    private static func short(_ value: Double) -> String { String(format: "%g", value) }
}
