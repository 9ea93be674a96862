import Foundation

/// The small plot in the bits-per-byte column: a point with its interval on a scale that all rows of the page share.
struct IntervalPlot {
    static let width = 96.0
    let lowest: Double
    let highest: Double
    /// Entropy of the source, drawn as a dashed line.
    let best: Double?

    /// The scale of several means with their half widths; nil when there is nothing to draw.
    init?(_ values: [(mean: Double, half: Double)], best: Double?) {
        let low = values.map { $0.mean - $0.half } + (best.map { [$0] } ?? [])
        let high = values.map { $0.mean + $0.half }
        guard let lowest = low.min(), let highest = high.max() else { return nil }
        let margin = max((highest - lowest) * 0.06, 0.01)
        self.lowest = lowest - margin
        self.highest = highest + margin
        self.best = best
    }

    private func x(_ value: Double) -> String {
        String(format: "%.1f", (value - lowest) / (highest - lowest) * IntervalPlot.width)
    }

    func row(mean: Double, half: Double?, look: ModelLook) -> String {
        var text = "<svg class=\"interval\" width=\"96\" height=\"18\" viewBox=\"0 0 96 18\" aria-hidden=\"true\">"
        text += "<path class=\"axis\" d=\"M0 9H96\"/>"
        if let best { text += "<path class=\"best\" d=\"M\(x(best)) 1V17\"/>" }
        if let half, half > 0 {
            let (left, right) = (x(mean - half), x(mean + half))
            text +=
                "<path stroke=\"\(look.colour)\" stroke-width=\"2\" d=\"M\(left) 9H\(right)M\(left) 5V13M\(right) 5V13\"/>"
        }
        text += "<circle cx=\"\(x(mean))\" cy=\"9\" r=\"4\" fill=\"\(look.colour)\"/></svg>"
        return text
    }
}
