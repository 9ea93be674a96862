import Experiments
import Foundation
import PluginHost
import SequenceModel

/// A folder of its own that is gone when the test is.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "zoo-experiments-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String, _ name: String) throws -> String {
        let file = path + "/" + name
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        return file
    }
}

func exampleRow(_ model: String = "mamba", seed: UInt64 = 1, bits: Double? = 2.5, likelihood: LikelihoodKind = .exact)
    -> ResultRow
{
    var row = ResultRow(
        model: model, name: "Mamba", family: "recurrent", pluginSHA256: "ab12",
        config: ConfigurationJSON(
            json(#"{"hidden_size": 64, "layers": [1, 2], "norm": null, "epsilon": 1e-5, "tied": true, "act": "silu"}"#)),
        initialisation: "ones for 3 tensors", seed: seed, parameters: 1000, learningRate: 0.001, likelihood: likelihood)
    row.bitsPerByte = bits
    row.trainTokens = 4096
    row.trainTokensPerSecond = 1234.5
    row.decode = [
        DecodeFigure(context: 256, tokensPerSecond: 100.25, stateBytes: 512),
        DecodeFigure(context: 1024, tokensPerSecond: nil, stateBytes: nil, method: "none", reason: "too long"),
    ]
    row.peakMemoryBytes = 1 << 20
    row.seconds = 3.5
    row.curve = [CurvePoint(tokens: 2048, bitsPerByte: 4), CurvePoint(tokens: 4096, bitsPerByte: 2.625)]
    row.curveSeconds = [1.5, 3.5]
    row.samples = [GeneratedSample(prompt: "a", text: "</script>\u{2028}")]
    return row
}

func exampleData(sha256: String = "00ff") -> DataSummary {
    DataSummary(
        sources: ["text.txt"], sha256: sha256, bytes: 1000, splits: .init(train: 900, validation: 50, test: 50))
}

func exampleResults(_ rows: [ResultRow]) -> ComparisonResults {
    ComparisonResults(
        command: "zoo compare mamba", started: "2026-03-14T15:09:26Z",
        machine: MachineSummary(processor: "P", processors: 2, threads: 2, memoryBytes: 1 << 30, system: "S"),
        budget: ComparisonBudget(parameters: 1000, context: 16, batch: 4, steps: 10, seeds: [1]), data: exampleData(),
        rows: rows)
}

func exampleJob(_ model: String = "mamba", seed: UInt64 = 1, rate: Double = 0.001) -> JobSpecification {
    JobSpecification(
        id: "\(model)-seed-\(seed)", model: model, name: model, family: "f", likelihood: .exact,
        plugin: "/p/\(model).so",
        pluginSHA256: "ab12", config: ConfigurationJSON(json(#"{"hidden_size": 64}"#)), parameters: 1000,
        initialisation: "ones",
        seed: seed, training: ConfigurationJSON(json("{\"learning_rate\": \(rate), \"steps\": 10}")),
        dataFiles: ["/d/text.txt"],
        data: exampleData(), decodeContexts: [256], threads: 2)
}

func examplePlan(_ jobs: [JobSpecification]) -> ComparisonPlan {
    let results = exampleResults([])
    return ComparisonPlan(
        command: results.command, started: results.started, machine: results.machine, budget: results.budget,
        data: results.data, runs: jobs)
}

/// JSON text as a value; null when it is not JSON, which no test here expects.
func json(_ text: String) -> JSONValue { (try? JSONParser.parse(text)) ?? .null }

/// The message of the error that `body` throws, with its code.
func message(of body: () throws -> Void) -> (code: ZooError.Code, text: String, hint: String?)? {
    do {
        try body()
        return nil
    } catch let error as ZooError {
        return (error.code, error.message, error.hint)
    } catch {
        return nil
    }
}
