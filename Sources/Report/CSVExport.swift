import Evaluation
public import Experiments

/// What the report plots, for people who make their own figures (RFC 4180, one header line).
public enum CSVExport {
    /// One line for each run; decoding has three columns for each context. On tasks one line for each run and tested length.
    public static func runs(_ results: ComparisonResults) -> String {
        if results.rows.contains(where: { $0.task != nil }) { return tasks(results) }
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

    private static func tasks(_ results: ComparisonResults) -> String {
        let header = [
            "model", "family", "seed", "status", "detail", "parameters", "learning_rate", "task", "chance", "solved_at_step", "length", "accuracy",
            "scaled_accuracy", "whole_rows", "examples", "answers", "bits_per_answer", "state_bytes",
        ]
        let lines = results.rows.flatMap { row -> [[String]] in
            let start = [
                text(row.model), text(row.family), "\(row.seed)", row.status.rawValue, text(row.detail), row.parameters.map(String.init) ?? "",
                "\(row.learningRate)", text(row.task?.specification.text ?? ""), number(row.task?.chance),
                row.task?.solvedAtStep.map(String.init) ?? "",
            ]
            let figures = row.task?.lengths ?? []
            if figures.isEmpty { return [start + [String](repeating: "", count: header.count - start.count)] }
            return figures.map { figure in
                start + [
                    "\(figure.length)", "\(figure.accuracy)", "\(figure.scaledAccuracy)", "\(figure.wholeRows)", "\(figure.examples)",
                    "\(figure.answers)", number(figure.bitsPerAnswer), figure.stateBytes.map(String.init) ?? "",
                ]
            }
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
