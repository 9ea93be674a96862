import ArgumentParser
import Evaluation
import Foundation
import PluginHost
import SequenceModel
import Training

/// `zoo bench train`: how fast a model trains and what share of the machine's matrix rate that is.
struct BenchTrain: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Training speed, peak memory and the share of this machine's matrix rate.",
        discussion: """
            Each step clears the gradients, computes them, clips their norm to 1 and applies AdamW. share_of_peak counts 6 operations \
            for each parameter and token and those of attention, over the matrix rate measured in the same run.

            Example:
              zoo bench train --config zoo/benchmarks/llama-256.json --batch 8 --context 256
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: "A file with a JSON object: model_type names the model, the other keys configure it. No default.")
    var config: String

    @Option(help: "B, rows of a step.")
    var batch = 8

    @Option(help: "T, tokens of a row: 256, 1k (1,024). Default: 256.", transform: { try SizeArguments.length($0, "--context") })
    var context = 256

    @Option(help: "Steps that are timed, after two that are not.")
    var steps = 20

    func validate() throws {
        if config.isEmpty { throw ValidationError("--config is empty; it names a JSON file") }
        for (name, value) in [("batch", batch), ("steps", steps)] where value < 1 {
            throw ValidationError("--\(name) is \(value); it must be at least 1")
        }
    }

    func run() throws {
        var shape = TrainingOptions(steps: steps)
        shape.context = context
        shape.batch = batch
        shape.warmup = 0
        try shape.validate()
        let services = global.services()
        let catalogue = try BenchCatalogue.only(for: config, global)
        let made = try ConfiguredModel(path: config, catalogue: catalogue, services: services, gradients: true)
        BenchEnvironment.warn()
        let optimizer = try AdamW(memory: made.memory, options: AdamWOptions(), services: services)
        let progress = Progress("training", total: steps, unit: "steps", isQuiet: global.quiet)
        let result: TrainBenchmark
        do {
            result = try TrainBenchmark.measure(
                made.model, parameters: made.memory.parameterCount, rows: batch, length: context, steps: steps,
                services: services,
                step: { batch, step in
                    made.memory.zeroGradients()
                    let loss = try made.model.lossAndGradient(batch)
                    let norm = optimizer.gradientNorm()
                    guard loss.isFinite, norm.isFinite else {
                        throw ZooError(.plugin, "step \(step): loss \(loss), gradient norm \(norm)")
                    }
                    optimizer.update(step: step, rate: 1e-4, gradientScale: norm > 1 ? 1 / norm : 1)
                    made.model.parametersChanged()
                    try made.model.postUpdate(step: step)
                    return loss
                },
                progress: { done in
                    if done > 0 { progress.update(done) }
                    try Interruption.check()
                })
        } catch let error as SequenceModelError {
            throw ZooError(error, while: "training \(made.entry.description.id)")
        }
        progress.finish()
        report(result, made, services)
    }

    private func report(_ result: TrainBenchmark, _ made: ConfiguredModel, _ services: ThreadPool) {
        guard global.json else {
            print(
                String(
                    format: "%.0f tokens/s, %.0f %% of %.0f GF/s", result.tokensPerSecond, result.shareOfPeak * 100,
                    result.matrixRate / 1e9))
            if let peak = result.peakMemoryBytes {
                print(String(format: "%d parameters, peak memory %.1f MB", result.parameters, Double(peak) / 1e6))
            }
            return
        }
        print(
            json: [
                "model": .string(made.entry.description.id), "config": .string(config),
                "parameters": .integer(Int64(result.parameters)), "batch": .integer(Int64(batch)),
                "context": .integer(Int64(context)), "steps": .integer(Int64(result.stepSeconds.count)),
                "threads": .integer(Int64(services.maximumConcurrency)),
                "train_tokens_per_second": .number(result.tokensPerSecond),
                "step_seconds": .array(result.stepSeconds.map(JSONValue.number)),
                "peak_memory_bytes": result.peakMemoryBytes.json, "share_of_peak": .number(result.shareOfPeak),
                "matrix_rate": .number(result.matrixRate), "loss": .number(result.loss),
                "openblas_coretype": BenchEnvironment.coreType.map(JSONValue.string) ?? .null,
            ])
    }
}
