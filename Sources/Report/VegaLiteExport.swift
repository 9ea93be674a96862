public import Experiments
import SequenceModel

/// The charts of the report as one Vega-Lite specification (version 5) with the data in it, for people who want to change how they look.
///
/// It has no style but the colours and shapes of the report: open it in the Vega editor, or turn it into a picture with vl-convert.
public enum VegaLiteExport {
    /// JSON with sorted data sets: `bits` (one entry for each model), `curves`, `decoding`, `tuning`; charts without data are left out.
    public static func text(_ results: ComparisonResults) -> String {
        let summaries = ModelSummary.summarise(results.rows)
        let looks = ModelLook.assign(results.rows.map(\.model))
        let models = looks.values.sorted { $0.index < $1.index }
        let data: [(String, [VegaValue])] = [
            ("bits", bits(summaries)), ("curves", curves(results)), ("decoding", decoding(summaries, results.decodeContexts)),
            ("tuning", tuning(results.tuning)),
        ]
        let sets = data.filter { !$0.1.isEmpty }.map { ($0.0, VegaValue.array($0.1)) }
        let charts: [VegaValue] = [
            ("bits", bitsChart(models, results.data.bestPossibleBitsPerByte)), ("curves", curveChart(models)),
            ("decoding", contextChart(models, "tokens_per_second", "new tokens a second")),
            ("decoding", contextChart(models, "state_bytes", "bytes of state")), ("tuning", tuningChart(models, results.tuning)),
        ].filter { chart in sets.contains { $0.0 == chart.0 } }.map { $0.1 }
        let spec: VegaValue = [
            "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
            "description": .string("\(results.command), begun \(results.started)"),
            "datasets": .object(sets.map { ($0.0, $0.1) }),
            "vconcat": .array(charts),
            "resolve": ["scale": ["color": "shared", "shape": "shared"]],
        ]
        return spec.json.prettyPrinted
    }

    private static func bits(_ summaries: [ModelSummary]) -> [VegaValue] {
        summaries.compactMap { summary in
            guard let mean = summary.bitsPerByte else { return nil }
            let half = summary.halfWidth
            return [
                "model": .string(summary.model), "likelihood": .string(summary.likelihood.rawValue), "bits_per_byte": .number(mean),
                "low": .number(mean - (half ?? 0)), "high": .number(mean + (half ?? 0)),
                "seeds": .integer(summary.finished.count),
            ]
        }
    }

    private static func curves(_ results: ComparisonResults) -> [VegaValue] {
        results.rows.filter { $0.task == nil }.flatMap { row -> [VegaValue] in
            let operations = row.operationsPerToken(context: results.budget.context)
            return row.curve.indices.map { index in
                let point = row.curve[index]
                return .object([
                    ("model", .string(row.model)), ("seed", .string("\(row.seed)")), ("tokens", .integer(point.tokens)),
                    ("bits_per_byte", .number(point.bitsPerByte)),
                    ("operations", operations.map { .number($0 * Double(point.tokens)) }),
                    ("seconds", index < row.curveSeconds.count ? .number(row.curveSeconds[index]) : nil),
                ])
            }
        }
    }

    private static func decoding(_ summaries: [ModelSummary], _ contexts: [Int]) -> [VegaValue] {
        summaries.flatMap { summary in
            contexts.compactMap { context -> VegaValue? in
                let (speed, state) = (summary.decodeTokensPerSecond(at: context), summary.stateBytes(at: context))
                guard speed != nil || state != nil else { return nil }
                return [
                    "model": .string(summary.model), "context": .integer(context),
                    "tokens_per_second": speed.map { .number($0) } ?? .null, "state_bytes": state.map { .integer($0) } ?? .null,
                ]
            }
        }
    }

    private static func tuning(_ rows: [TuningRow]) -> [VegaValue] {
        guard let key = TuningPlot.keys(rows).first else { return [] }
        return rows.compactMap { row in
            guard let bits = row.validationBitsPerByte, let value = row.settings.value[key]?.doubleValue else { return nil }
            return [
                "model": .string(row.model), "option": .string(key), "value": .number(value), "settings": .string(row.text),
                "validation_bits_per_byte": .number(bits), "chosen": .boolean(row.isChosen),
            ]
        }
    }

    /// Colours and shapes of the report, by model.
    private static func colour(_ models: [ModelLook]) -> VegaValue {
        [
            "field": "model", "type": "nominal", "title": "model",
            "scale": ["domain": .array(models.map { .string($0.model) }), "range": .array(models.map { .string($0.colour) })],
        ]
    }

    private static func shape(_ models: [ModelLook]) -> VegaValue {
        let names = ["rect": "square", "triangle": "triangle-up", "rectRot": "diamond", "triangleDown": "triangle-down"]
        return [
            "field": "model", "type": "nominal", "title": "model",
            "scale": [
                "domain": .array(models.map { .string($0.model) }), "range": .array(models.map { .string(names[$0.shape] ?? $0.shape) }),
            ],
        ]
    }

    private static func quantity(_ field: String, _ title: String, log: Bool = false, zero: Bool = false) -> VegaValue {
        [
            "field": .string(field), "type": "quantitative", "title": .string(title),
            "scale": log ? ["type": "log", "nice": false] : ["zero": .boolean(zero)],
        ]
    }

    private static func bitsChart(_ models: [ModelLook], _ best: Double?) -> VegaValue {
        let model: VegaValue = ["field": "model", "type": "nominal", "title": .null, "sort": ["field": "bits_per_byte"]]
        var layers: [VegaValue] = [
            ["mark": "rule", "encoding": ["y": model, "x": quantity("low", "bits per byte"), "x2": ["field": "high"], "color": colour(models)]],
            [
                "mark": ["type": "point", "filled": true, "size": 70, "tooltip": true],
                "encoding": ["y": model, "x": quantity("bits_per_byte", "bits per byte"), "color": colour(models), "shape": shape(models)],
            ],
        ]
        if let best { layers.append(["mark": ["type": "rule", "strokeDash": [4, 4]], "encoding": ["x": ["datum": .number(best)]]]) }
        // Exact likelihoods and bounds are not comparable: apart.
        return [
            "title": "Bits per byte of the test text, with 95 % intervals", "data": ["name": "bits"],
            "facet": ["row": ["field": "likelihood", "type": "nominal", "title": .null]],
            "resolve": ["scale": ["y": "independent"]],
            "spec": ["width": 640, "layer": .array(layers)],
        ]
    }

    private static func curveChart(_ models: [ModelLook]) -> VegaValue {
        [
            "title": "Learning curves, a line for each run", "data": ["name": "curves"], "width": 640, "height": 360,
            "mark": ["type": "line", "tooltip": true, "clip": true],
            "encoding": [
                "x": quantity("tokens", "training tokens", zero: true), "y": quantity("bits_per_byte", "bits per byte"),
                "color": colour(models), "detail": ["field": "seed"],
            ],
        ]
    }

    private static func contextChart(_ models: [ModelLook], _ field: String, _ title: String) -> VegaValue {
        [
            "title": .string(field == "state_bytes" ? "State after a context" : "Decoding speed after a context"),
            "data": ["name": "decoding"], "width": 640, "height": 300,
            "transform": [["filter": .string("datum.\(field) > 0")]],
            "mark": ["type": "line", "point": ["filled": true, "size": 50], "tooltip": true],
            "encoding": [
                "x": quantity("context", "context, tokens already read", log: true), "y": quantity(field, title, log: true),
                "color": colour(models), "shape": shape(models),
            ],
        ]
    }

    private static func tuningChart(_ models: [ModelLook], _ rows: [TuningRow]) -> VegaValue {
        let key = TuningPlot.keys(rows).first ?? ""
        let isPositive = rows.allSatisfy { ($0.settings.value[key]?.doubleValue ?? 1) > 0 }
        return [
            "title": "Tuning", "data": ["name": "tuning"], "width": 640, "height": 300,
            "mark": ["type": "line", "point": ["filled": true, "size": 50], "tooltip": true],
            "encoding": [
                "x": quantity("value", "\(key), as tried", log: isPositive),
                "y": quantity("validation_bits_per_byte", "bits per byte of the validation text"), "color": colour(models),
                "shape": shape(models),
            ],
        ]
    }
}
