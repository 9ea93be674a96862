public import Experiments

/// What the report plots, for people who make their own figures (RFC 4180, one header line).
public enum CSVExport {
    /// One line for each run; decoding has three columns for each context.
    public static func runs(_ results: ComparisonResults) -> String {
        let contexts = results.decodeContexts
        var header = [
            "model", "family", "seed", "status", "detail", "likelihood", "parameters", "learning_rate", "train_tokens",
            "operations", "bits_per_byte", "bits_per_byte_stderr", "train_tokens_per_second", "seconds", "peak_memory_bytes",
        ]
        header += contexts.flatMap {
            [
                "decode_tokens_per_second_\($0)", "state_bytes_\($0)", "decode_peak_memory_bytes_\($0)",
            ]
        }
        let lines = results.rows.map { row in
            var cells = [
                text(row.model), text(row.family), "\(row.seed)", row.status.rawValue, text(row.detail),
                row.likelihood.rawValue, row.parameters.map(String.init) ?? "", "\(row.learningRate)",
                "\(row.trainTokens)", number(row.operations(context: results.budget.context)),
                number(row.bitsPerByte), number(row.bitsPerByteStandardError), number(row.trainTokensPerSecond),
                number(row.seconds), row.peakMemoryBytes.map(String.init) ?? "",
            ]
            for context in contexts {
                let figure = row.decode.first { $0.context == context }
                cells += [
                    number(figure?.tokensPerSecond), figure?.stateBytes.map(String.init) ?? "",
                    figure?.peakMemoryBytes.map(String.init) ?? "",
                ]
            }
            return cells
        }
        return document([header] + lines)
    }

    /// The learning curves, one line for each point.
    public static func curves(_ results: ComparisonResults) -> String {
        let lines = results.rows.flatMap { row in
            row.curve.indices.map { index in
                [
                    text(row.model), "\(row.seed)", row.curveSplit, "\(row.curve[index].tokens)",
                    index < row.curveSeconds.count ? "\(row.curveSeconds[index])" : "",
                    "\(row.curve[index].bitsPerByte)",
                ]
            }
        }
        return document([["model", "seed", "split", "tokens", "seconds", "bits_per_byte"]] + lines)
    }

    /// The tuning runs, one line for each.
    public static func tuning(_ results: ComparisonResults) -> String {
        let lines = results.tuning.map { row in
            [
                text(row.model), text(row.text), "\(row.seed)", row.status.rawValue, text(row.detail), number(row.validationBitsPerByte),
                number(row.seconds), row.isChosen ? "1" : "0",
            ]
        }
        let header = ["model", "settings", "seed", "status", "detail", "validation_bits_per_byte", "seconds", "chosen"]
        return document([header] + lines)
    }

    private static func document(_ lines: [[String]]) -> String {
        lines.map { $0.joined(separator: ",") + "\r\n" }.joined()
    }

    private static func number(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }

    /// Quoted where needed; a leading sign that a spreadsheet would run as a formula gets an apostrophe.
    static func text(_ value: String) -> String {
        var value = value
        if let first = value.first, "=+-@\t\r".contains(first) { value = "'" + value }
        guard value.contains(where: { ",\"\n\r\r\n".contains($0) }) else { return value }
        return "\"" + value.replacing("\"", with: "\"\"") + "\""
    }
}
