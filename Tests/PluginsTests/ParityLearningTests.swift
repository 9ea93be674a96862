import Foundation
import PluginHost
import SequenceModel
import Testing
import Training

/// Which recurrences learn to follow a parity: after each bit, how many ones there were, modulo 2 (Grazzi et al., ICLR 2025,
/// arXiv:2411.12537: learned at 3 to 40 bits, asked at 40 to 256).
///
/// ZOO_PARITY_STEPS says how long each is trained; what came out is printed. Without it Mamba alone is tried, 600 steps long, because this takes
/// a minute for each model.
@Suite(.serialized) struct ParityLearningTests {
    private static let wantedSteps = ProcessInfo.processInfo.environment["ZOO_PARITY_STEPS"].flatMap { Int($0) }
    private static let steps = wantedSteps ?? 600

    struct Case: Sendable, CustomTestStringConvertible {
        let library: String
        let id: String
        let configuration: String
        let solves: Bool
        var testDescription: String { "\(id) \(configuration)" }
    }

    static let cases: [Case] = ["[0,1]", "[-1,1]"].flatMap { range in
        [
            Case(
                library: "StateSpace", id: "mamba",
                configuration: #"{"vocab_size":2,"hidden_size":64,"num_hidden_layers":2,"eigenvalue_range":"\#(range)"}"#,
                solves: range == "[-1,1]"),
            Case(
                library: "StateSpace", id: "mamba2",
                configuration: """
                    {"vocab_size":2,"hidden_size":64,"num_hidden_layers":2,"head_dim":16,"state_size":16,"eigenvalue_range":"\(range)"}
                    """,
                solves: range == "[-1,1]"),
        ].filter { wantedSteps != nil || $0.id == "mamba" }
    }

    /// Rows of random bits, and the parity after each, except after the first `unasked`.
    private func batch(rows: Int, length: Int, unasked: Int = 0, _ stream: inout RandomStream) -> Batch {
        var tokens: [Int32] = [], targets: [Int32] = []
        for _ in 0 ..< rows {
            var parity: Int32 = 0
            for place in 0 ..< length {
                let bit = Int32(stream.index(below: 2))
                parity ^= bit
                tokens.append(bit)
                targets.append(place < unasked ? -1 : parity)
            }
        }
        return Batch(rows: rows, length: length, tokens: tokens, targets: targets)
    }

    /// 1: always right; 0: as good as guessing.
    private func scaledAccuracy(_ model: BoundModel, from: Int, to: Int) throws -> Double {
        var stream = RandomKey(seed: 77).stream
        let batch = batch(rows: 64, length: to, unasked: from - 1, &stream)
        let answers = try model.model.predict(batch).symbols
        let asked = batch.targets.indices.filter { batch.targets[$0] >= 0 }
        let right = asked.count { answers[$0] == batch.targets[$0] }
        return 2 * Double(right) / Double(asked.count) - 1
    }

    @Test(arguments: cases) func learns(_ example: Case) throws {
        let services = ThreadPool(threads: 2)
        let model = try BoundModel(
            PluginLibrary.factory(example.library, example.id), JSONParser.parse(example.configuration), threads: 2, seed: 3)
        var options = AdamWOptions()
        options.weightDecay = 0
        let optimizer = try AdamW(memory: model.memory, options: options, services: services)
        let steps = ParityLearningTests.steps
        var stream = RandomKey(seed: 5).stream
        let begin = Date()
        var loss = 0.0
        for step in 1 ... steps {
            model.memory.zeroGradients()
            var batch = batch(rows: 64, length: 3 + stream.index(below: 38), &stream)
            batch.weights = [Float](repeating: 1 / Float(batch.targets.count), count: batch.targets.count)
            loss = try model.model.lossAndGradient(batch)
            let warm = min(1, Double(step) / Double(max(1, min(100, steps / 10))))
            let rate = 3e-3 * warm * 0.5 * (1 + cos(Double.pi * Double(step) / Double(steps)))
            let norm = optimizer.gradientNorm()
            optimizer.update(step: step, rate: rate, gradientScale: norm > 1 ? 1 / norm : 1)
            model.model.parametersChanged()
        }
        let (near, far) = (try scaledAccuracy(model, from: 3, to: 40), try scaledAccuracy(model, from: 40, to: 256))
        print(
            "parity \(example.testDescription): \(steps) steps, \(Int(Date().timeIntervalSince(begin))) s, last loss "
                + String(format: "%.4f, scaled accuracy %.3f at 3 to 40, %.3f at 40 to 256", loss, near, far))
        #expect(loss.isFinite)
        if example.solves {
            #expect(near > 0.95 && far > 0.8)
        } else {
            #expect(far < 0.1)
        }
    }
}
