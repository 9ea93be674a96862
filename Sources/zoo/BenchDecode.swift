import ArgumentParser
import Evaluation
import Foundation
import PluginHost
import SequenceModel

/// `zoo bench decode`: how fast a model writes after a context, and what it keeps.
struct BenchDecode: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode", abstract: "New symbols a second after a context, and the bytes of state behind them.",
        discussion: """
            Example:
              zoo bench decode --config zoo/benchmarks/mamba-256.json --context 16k
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: "A file with a JSON object: model_type names the model, the other keys configure it. No default.")
    var config: String

    @Option(help: "Symbols read before the first one that is timed: 256, 16k (16,384). Default: 256.", transform: { try SizeArguments.length($0, "--context") })
    var context = 256

    @Option(help: "New symbols in each of five timed blocks, 1 to 1000000.")
    var tokens = 64

    @Option(help: "Seconds that may be spent; what does not fit is left out.")
    var budget = 120.0

    func validate() throws {
        if config.isEmpty { throw ValidationError("--config is empty; it names a JSON file") }
        if !(1 ... 1_000_000).contains(tokens) {
            throw ValidationError("--tokens is \(tokens); allowed: 1 to 1000000")
        }
        if !(budget > 0) { throw ValidationError("--budget is \(budget); it must be above 0") }
    }

    func run() throws {
        let services = global.services()
        let catalogue = try BenchCatalogue.only(for: config, global)
        let made = try ConfiguredModel(path: config, catalogue: catalogue, services: services, gradients: false)
        BenchEnvironment.warn()
        let options = DecodeOptions(budgetSeconds: budget, blockTokens: tokens)
        let measured: [DecodeMeasurement]
        do {
            measured = try DecodeMeasurement.measure(made.model, contexts: [context], options: options)
        } catch let error as SequenceModelError {
            throw ZooError(error, while: "decoding with \(made.entry.description.id)")
        }
        guard let result = measured.first else { throw ZooError(.internalBug, "nothing was measured") }
        guard global.json else {
            if let rate = result.tokensPerSecond { print(String(format: "%.1f tokens/s at context %d", rate, context)) }
            if let rate = result.prefillTokensPerSecond { print(String(format: "%.1f tokens/s while reading", rate)) }
            if let bytes = result.stateBytes { print("\(bytes) bytes of state") }
            print("measured by \(result.method.rawValue)" + (result.reason.map { ": \($0)" } ?? ""))
            return
        }
        print(
            json: [
                "model": .string(made.entry.description.id), "config": .string(config),
                "parameters": .integer(Int64(made.memory.parameterCount)), "context": .integer(Int64(context)),
                "threads": .integer(Int64(services.maximumConcurrency)),
                "decode_tokens_per_second": result.tokensPerSecond.json,
                "prefill_tokens_per_second": result.prefillTokensPerSecond.json,
                "state_bytes": result.stateBytes.json, "method": .string(result.method.rawValue),
                "tokens_measured": .integer(Int64(result.tokensMeasured)),
                "peak_memory_bytes": PeakMemory.current().json, "reason": result.reason.map(JSONValue.string) ?? .null,
            ])
    }
}
