import Conformance
import Glibc
import PluginHost
import SequenceModel

/// How the results of `zoo check` are shown.
enum CheckOutput {
    static func list(_ tests: [ConformanceTest], asJSON: Bool) throws {
        if asJSON {
            let values = tests.map { test in
                JSONValue.object([
                    "test": .string(test.name), "sentence": .string(test.sentence), "group": .string(test.group.rawValue),
                    "strictness": .integer(Int64(test.strictness)), "motivation": .string(test.motivation),
                ])
            }
            print(JSONValue.array(values).prettyPrinted, terminator: "")
            return
        }
        let rows = tests.map { [$0.name, "\($0.strictness)", $0.sentence] }
        print(TextColumns.format([["TEST", "STRICTNESS", "AN HONEST PLUGIN"]] + rows), terminator: "")
    }

    static func printJSON(path: String, _ all: [(model: String, results: [TestResult])], seed: UInt64, strictness: Int) {
        var object = heading(path: path, seed: seed, strictness: strictness)
        let models = all.map { model, results in
            JSONObject(dictionaryLiteral: ("model", .string(model)), ("results", .array(results.map(\.json))))
        }
        if models.count == 1, let only = models.first { for key in only.keys { object[key] = only[key] } }
        object["models"] = .array(models.map { .object($0) })
        print(json: object)
    }

    /// A file that cannot be used: one result, of the test "file".
    static func printRefusal(path: String, _ error: ZooError, seed: UInt64, strictness: Int) {
        let outcome: TestOutcome = error.message.contains("in a process of its own") ? .crashed : .failed
        let result = TestResult(test: "file", outcome: outcome, detail: error.message, seed: seed)
        var object = heading(path: path, seed: seed, strictness: strictness)
        object["model"] = .null
        object["results"] = .array([result.json])
        object["models"] = .array([])
        print(json: object)
    }

    private static func heading(path: String, seed: UInt64, strictness: Int) -> JSONObject {
        [
            "plugin": .string(path), "seed": Int64(exactly: seed).map { .integer($0) } ?? .string("\(seed)"),
            "strictness": .integer(Int64(strictness)),
        ]
    }

    /// What failed, with its reasons, then warnings and what was skipped, then the counts.
    static func printTable(_ model: String, path: String, _ results: [TestResult]) {
        print("\(model)  \(path)")
        for outcome in [TestOutcome.crashed, .failed, .warning, .skipped] {
            for result in results where result.outcome == outcome {
                print("  \(coloured(outcome))  \(result.test)")
                if let test = ConformanceSuite.test(named: result.test), outcome.isFailure { print("           \(test.sentence)") }
                if !result.detail.isEmpty { print("           \(result.detail)") }
            }
        }
        let counts = TestOutcome.allCases.compactMap { outcome -> String? in
            let count = results.count { $0.outcome == outcome }
            return count > 0 ? "\(count) \(outcome.rawValue)" : nil
        }
        print("  " + counts.joined(separator: ", "))
        if let failed = results.first(where: { $0.outcome.isFailure }) {
            print("  again: zoo check \(path) --model \(model) --only \(failed.test) --seed \(failed.seed)")
        }
    }

    private static func coloured(_ outcome: TestOutcome) -> String {
        let word = outcome.rawValue + String(repeating: " ", count: 7 - outcome.rawValue.count)
        guard isatty(STDOUT_FILENO) == 1, Terminal.variable("NO_COLOR").isEmpty, Terminal.variable("TERM") != "dumb" else {
            return word
        }
        let colour =
            switch outcome {
            case .passed: "32"
            case .failed, .crashed: "1;31"
            case .warning: "33"
            case .skipped: "2"
            }
        return "\u{1B}[\(colour)m\(word)\u{1B}[0m"
    }
}
