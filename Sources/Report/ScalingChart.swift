/// A chart of a scaling page as its script reads it.
struct ScalingChart: Encodable {
    /// How the numbers of an axis are written.
    enum Format: String, Encodable {
        case count, operations, seconds, loss, percent
    }

    struct Axis: Encodable {
        let title: String
        let format: Format
        let isLogarithmic: Bool

        init(_ title: String, _ format: Format, isLogarithmic: Bool = true) {
            self.title = title
            self.format = format
            self.isLogarithmic = isLogarithmic
        }

        enum CodingKeys: String, CodingKey {
            case title, format
            case isLogarithmic = "log"
        }
    }

    struct Series: Encodable {
        /// Empty: not in the legend.
        var label: String
        var colour: String
        /// Of the marks; empty: none.
        var shape = ""
        /// Of the line; nil: none.
        var dash: [Int]?
        /// [x, y]
        var points: [[Double]]
        /// [low, high] of each point; empty: no bars.
        var bars: [[Double]] = []
    }

    let id: String
    let x: Axis
    let y: Axis
    let series: [Series]

    /// What can be drawn: finite numbers, over 0 on logarithmic axes.
    init(id: String, x: Axis, y: Axis, series: [Series]) {
        self.id = id
        self.x = x
        self.y = y
        self.series = series.compactMap { series in
            let kept = series.points.indices.filter { index in
                let point = series.points[index]
                return point.count == 2 && point.allSatisfy(\.isFinite) && (!x.isLogarithmic || point[0] > 0)
                    && (!y.isLogarithmic || point[1] > 0)
            }
            if kept.isEmpty { return nil }
            var result = series
            result.points = kept.map { series.points[$0] }
            result.bars = series.bars.isEmpty ? [] : kept.map { series.bars[$0] }
            return result
        }
    }
}
