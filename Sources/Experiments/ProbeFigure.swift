public import Evaluation
import PluginHost

/// What a probe found in a trained model, or why it found nothing.
public struct ProbeFigure: Codable, Sendable, Equatable {
    /// One sentence of the plugin's.
    public var summary: String
    /// What the dimensions are called; empty for a single number.
    public var axes: [String]
    /// Their sizes.
    public var extents: [Int]
    /// For each axis the names of its places, or nil where numbers do.
    public var labels: [[String]?]
    /// Of the values; may be empty.
    public var unit: String
    /// Row-major; nil for what is not a finite number.
    public var values: [Double?]
    /// Windows of the test split that it looked at.
    public var windows: Int
    /// Why there are no values; empty when there are.
    public var reason: String

    /// What was measured.
    public init(_ measurement: ProbeMeasurement, summary: String) {
        self.init(
            summary: summary, axes: measurement.output.axes, extents: measurement.output.extents,
            labels: measurement.output.labels, unit: measurement.output.unit,
            values: measurement.values.map { $0.isFinite ? $0 : nil }, windows: measurement.windows)
    }

    /// See the properties.
    public init(
        summary: String, axes: [String] = [], extents: [Int] = [], labels: [[String]?] = [], unit: String = "",
        values: [Double?] = [], windows: Int = 0, reason: String = ""
    ) {
        self.summary = summary
        self.axes = axes
        self.extents = extents
        self.labels = labels
        self.unit = unit
        self.values = values
        self.windows = windows
        self.reason = reason
    }

    /// The name of place `index` of axis `axis`: its label, else its number.
    public func label(_ axis: Int, _ index: Int) -> String {
        guard labels.indices.contains(axis), let names = labels[axis], names.indices.contains(index) else { return "\(index)" }
        return names[index]
    }

    /// What does not fit together; nil when all does.
    var problem: String? {
        if !reason.isEmpty { return values.isEmpty ? nil : "values: there although reason says why there are none" }
        if axes.count != extents.count { return "extents: \(extents.count) for \(axes.count) axes" }
        if !labels.isEmpty, labels.count != axes.count { return "labels: \(labels.count) for \(axes.count) axes" }
        var count = 1
        for extent in extents {
            let (product, overflow) = count.multipliedReportingOverflow(by: extent)
            if extent < 1 || overflow { return "extents: \(extent); allowed: 1 or more" }
            count = product
        }
        for (names, extent) in zip(labels, extents) {
            if let names, names.count != extent { return "labels: \(names.count) for an extent of \(extent)" }
        }
        if values.count != count { return "values: \(values.count) for extents \(extents)" }
        if values.contains(where: { $0.map { !$0.isFinite } ?? false }) { return "values: not a finite number" }
        return nil
    }
}
