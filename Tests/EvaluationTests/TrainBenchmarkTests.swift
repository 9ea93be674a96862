import SequenceModel
import Testing

@testable import Evaluation

@Suite("Training benchmark")
struct TrainBenchmarkTests {
    static let llama: JSONValue = .object([
        "hidden_size": .integer(256), "num_hidden_layers": .integer(4), "num_attention_heads": .integer(8),
        "sliding_window": .null,
    ])

    /// The same with other or more values.
    static func llama(_ changes: [String: Int64]) -> JSONValue {
        var object = llama.objectValue ?? [:]
        for (key, value) in changes { object[key] = .integer(value) }
        return .object(object)
    }

    @Test("attention counts the pairs that see each other")
    func attention() {
        func count(_ configuration: JSONValue, _ length: Int, _ isCausal: Bool) -> Double {
            AttentionOperations.training(configuration, rows: 3, length: length, isCausal: isCausal)
        }
        // 12 operations for each layer, channel and pair.
        #expect(count(Self.llama, 100, true) == 12 * 4 * 256 * 5050 * 3)
        #expect(count(Self.llama, 100, false) == 12 * 4 * 256 * 10_000 * 3)
        let visible = (0 ..< 100).reduce(0) { $0 + min($1 + 1, 10) }
        #expect(count(Self.llama(["sliding_window": 10]), 100, true) == Double(12 * 4 * 256 * visible * 3))
        let narrow = Self.llama(["head_dim": 16, "num_hidden_layers": 1])
        #expect(count(narrow, 10, false) == 12 * 128 * 100 * 3)
        #expect(count(.object(["hidden_size": .integer(256), "num_hidden_layers": .integer(4)]), 100, true) == 0)
    }

    @Test("rates follow from the median step", arguments: [false, true])
    func measure(inPlace: Bool) throws {
        let model = AnalyticModel(capabilities: inPlace ? [.targetsInPlace] : [.causal])
        var batches: [Batch] = []
        let result = try TrainBenchmark.measure(
            model, parameters: 1000, rows: 3, length: 5, steps: 4, services: NoHostServices()
        ) { batch, step in
            #expect(step == batches.count + 1)
            batches.append(batch)
            spin(0.002)
            return Double(step)
        }
        #expect(batches.count == 6)
        #expect(result.stepSeconds.count == 4)
        #expect(result.loss == 6)
        #expect(result.tokensPerSecond <= 15 / 0.002)
        let step = try #require(median(result.stepSeconds))
        #expect(abs(result.tokensPerSecond - 15 / step) < 1e-6)
        #expect(abs(result.shareOfPeak * result.matrixRate - 6 * 1000 * 15 / step) < 1)
        for batch in batches {
            try batch.validate(for: model.shape)
            #expect(batch.targetCount == 15)
            #expect(inPlace == (batch.tokens == batch.targets))
        }
    }
}
