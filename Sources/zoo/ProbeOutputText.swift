import Evaluation
import Foundation
import PluginHost
import SequenceModel

/// Probes as people and programs read them.
enum ProbeOutputText {
    /// Writes the probes of a model to stdout.
    static func list(_ entry: CatalogueEntry, json: Bool) {
        if json { return print(JSONValue.array(entry.probes.map(\.json)).prettyPrinted, terminator: "") }
        guard !entry.probes.isEmpty else { return print("\(entry.description.id) has no probes") }
        let rows = entry.probes.map { probe in
            [probe.name, probe.signature, probe.summary + (probe.problem.map { " (cannot be called: \($0))" } ?? "")]
        }
        print(TextColumns.format([["NAME", "SIGNATURE", "WHAT IT MEASURES"]] + rows), terminator: "")
    }

    /// A small table: the last axis runs across, the others down.
    static func table(_ found: ProbeMeasurement) -> String {
        let output = found.output
        let unit = output.unit.isEmpty ? "" : ", \(output.unit)"
        let title = "\(found.name)\(unit) (\(found.windows) windows)\n"
        guard let across = output.extents.last else { return title + rounded(found.values[0]) + "\n" }
        let down = output.axes.dropLast()
        let last = output.axes.count - 1
        let heading = down + (0 ..< across).map { "\(output.axes[last]) \(label(output, last, $0))" }
        let rows = (0 ..< output.count / across).map { row -> [String] in
            var rest = row
            var places: [String] = []
            for axis in down.indices.reversed() {
                places.insert(label(output, axis, rest % output.extents[axis]), at: 0)
                rest /= output.extents[axis]
            }
            return places + (0 ..< across).map { rounded(found.values[row * across + $0]) }
        }
        // Many columns of one row are read better downwards.
        guard down.isEmpty, across > 6 else { return title + TextColumns.format([Array(heading)] + rows) }
        let turned = (0 ..< across).map { [label(output, last, $0), rows[0][$0]] }
        return title + TextColumns.format([[output.axes[last], output.unit]] + turned)
    }

    /// By name, values row-major; null for what is not a finite number.
    static func json(_ found: [ProbeMeasurement]) -> JSONValue {
        var object = JSONObject()
        for measurement in found {
            let output = measurement.output
            object[measurement.name] = .object([
                "axes": .array(output.axes.map { .string($0) }),
                "extents": .array(output.extents.map { .integer(Int64($0)) }),
                "labels": .array(output.labels.map { $0.map { .array($0.map { .string($0) }) } ?? .null }),
                "unit": .string(output.unit),
                "values": .array(measurement.values.map { $0.isFinite ? .number($0) : .null }),
                "windows": .integer(Int64(measurement.windows)),
            ])
        }
        return .object(object)
    }

    private static func label(_ output: ProbeOutput, _ axis: Int, _ index: Int) -> String {
        output.labels[axis]?[index] ?? "\(index)"
    }

    private static func rounded(_ value: Double) -> String {
        abs(value) >= 0.01 || value == 0 ? String(format: "%.4f", value) : String(format: "%.3g", value)
    }
}

extension ModelProbe {
    /// name, summary, signature, problem.
    var json: JSONValue {
        .object([
            "name": .string(name), "summary": .string(summary), "signature": .string(signature),
            "problem": problem.map(JSONValue.string) ?? .null,
        ])
    }
}
