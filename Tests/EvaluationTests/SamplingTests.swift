import PluginHost
import SequenceModel
import Testing

@testable import Evaluation

@Suite("Sampling")
struct SamplingTests {
    /// Probabilities 0.5, 0.25, 0.125, 0.125.
    static let logits: [Float] = [3, 1, 0, 1].map { Float($0) }

    static func softmax(_ scores: [Double]) -> [Double] {
        let weights = scores.map { exponential($0) }
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }

    static func expect(_ got: [Double], _ wanted: [Double]) {
        #expect(got.count == wanted.count)
        for (a, b) in zip(got, wanted) { #expect(abs(a - b) < 1e-12) }
    }

    @Test("temperature divides the logits")
    func temperature() throws {
        Self.expect(try Sampling(temperature: 2).probabilities(Self.logits), Self.softmax([1.5, 0.5, 0, 0.5]))
        Self.expect(try Sampling().probabilities(Self.logits), Self.softmax([3, 1, 0, 1]))
        #expect(try Sampling(temperature: 0).probabilities([1, 5, 5] as [Float]) == [0, 1, 0])
    }

    @Test("top-k keeps the k largest and what equals the smallest of them")
    func topK() throws {
        #expect(try Sampling(topK: 1).probabilities(Self.logits) == [1, 0, 0, 0])
        let tied = Self.softmax([3, 1, 1])
        Self.expect(try Sampling(topK: 2).probabilities(Self.logits), [tied[0], tied[1], 0, tied[2]])
        Self.expect(try Sampling(topK: 4).probabilities(Self.logits), Self.softmax([3, 1, 0, 1]))
        Self.expect(try Sampling(topK: 99).probabilities(Self.logits), Self.softmax([3, 1, 0, 1]))
    }

    @Test("top-p keeps the smallest set of the likeliest that reaches p")
    func topP() throws {
        // Probabilities 0.5, 0.25, 0.15, 0.1.
        let logits = [0.5, 0.25, 0.15, 0.1].map { Float(logarithm($0)) }
        func kept(_ p: Double) throws -> [Double] { try Sampling(topP: p).probabilities(logits) }
        func close(_ got: [Double], _ wanted: [Double]) {
            for (a, b) in zip(got, wanted) { #expect(abs(a - b) < 1e-6) }
        }
        close(try kept(0.01), [1, 0, 0, 0])
        close(try kept(0.49), [1, 0, 0, 0])
        close(try kept(0.51), [2.0 / 3, 1.0 / 3, 0, 0])
        close(try kept(0.74), [2.0 / 3, 1.0 / 3, 0, 0])
        close(try kept(0.76), [0.5 / 0.9, 0.25 / 0.9, 0.15 / 0.9, 0])
        close(try kept(1), [0.5, 0.25, 0.15, 0.1])
    }

    @Test("the order is temperature, top-k, top-p")
    func order() throws {
        // After temperature 0.5 the weights 4, 2, 1, 1 become 16, 4, 1, 1; top-k 2 leaves 0.8 and 0.2; top-p 0.79 leaves one.
        let logits = [4.0, 2, 1, 1].map { Float(logarithm($0)) }
        #expect(try Sampling(temperature: 0.5, topK: 2, topP: 0.79).probabilities(logits) == [1, 0, 0, 0])
        let two = try Sampling(temperature: 0.5, topK: 2, topP: 0.81).probabilities(logits)
        #expect(abs(two[0] - 0.8) < 1e-6)
        // Without the temperature 0.79 of 2/3 and 1/3 needs both.
        #expect(try Sampling(topK: 2, topP: 0.79).probabilities(logits)[1] > 0.3)
    }

    @Test("impossible symbols are never drawn, and draws follow the distribution")
    func draws() throws {
        let logits: [Float] = [0, -.infinity, Float(logarithm(3))]
        let sampling = try Sampling()
        var stream = RandomKey(seed: 7).stream
        var counts = [0, 0, 0]
        for _ in 0 ..< 20_000 { counts[Int(sampling.draw(logits, from: &stream))] += 1 }
        #expect(counts[1] == 0)
        // 0.25 ± 4 standard deviations of 0.003.
        #expect(abs(Double(counts[0]) / 20_000 - 0.25) < 0.0125)
    }

    @Test("options out of range are refused")
    func refusals() {
        for (temperature, topK, topP): (Double, Int?, Double?) in [
            (-0.1, nil, nil), (.nan, nil, nil), (.infinity, nil, nil), (1, 0, nil), (1, nil, 0), (1, nil, 1.1),
            (1, nil, .nan),
        ] {
            let error = #expect(throws: ZooError.self) {
                try Sampling(temperature: temperature, topK: topK, topP: topP)
            }
            #expect(error?.code == .usage)
        }
    }

    @Test("a continuation reads the prompt and draws one symbol after another")
    func continuation() throws {
        let model = AnalyticModel(maximumTokens: 12, maskSymbol: 256)
        let options = ContinuationOptions(
            newTokens: 5, sampling: try Sampling(temperature: 0), key: RandomKey(seed: 0), prefillChunk: 2)
        var streamed: [Int32] = []
        let symbols = try Continuation.run(model, prompt: [9, 8, 65], options: options) {
            streamed.append($0)
            return true
        }
        #expect(symbols == [66, 67, 68, 69, 70])
        #expect(streamed == symbols)
        let stopped = try Continuation.run(model, prompt: [65], options: options) { $0 != 67 }
        #expect(stopped == [66, 67])

        func refusal(_ prompt: [Int32], _ count: Int) -> ZooError? {
            var options = options
            options.newTokens = count
            return #expect(throws: ZooError.self) {
                try Continuation.run(model, prompt: prompt, options: options) { _ in true }
            }
        }
        #expect(refusal([], 1)?.code == .usage)
        #expect(refusal([256], 1)?.code == .data)
        #expect(refusal([-1], 1)?.code == .data)
        #expect(refusal([1], -1)?.code == .usage)
        let long = refusal([1, 2, 3], 11)
        #expect(long?.message == "3 symbols of prompt and 11 new ones; analytic takes at most 12")
        #expect(long?.hint == "--tokens 10")
    }
}
