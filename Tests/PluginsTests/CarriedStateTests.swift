import Foundation
import PluginHost
import SequenceModel
import Testing
import Training

/// What a session has read stays with it, weights untouched: after a document its continuation costs less than it costs a fresh session.
///
/// Each document is written in four of sixteen symbols, which it draws for itself. A short training shows the models documents; what a new
/// one is written in they can only learn from reading it. The saved state carries that to another session.
@Suite struct CarriedStateTests {
    static let ids = [
        "gated-deltanet", "deltanet", "ttt-linear", "ttt-mlp", "titans-mag", "titans-mac", "titans-mal", "titans-lmm",
    ]

    private static let alphabet = 16

    private static func document(_ length: Int, _ stream: inout RandomStream) -> [Int32] {
        var symbols = (0 ..< alphabet).map { Int32($0) }
        for place in 0 ..< 4 { symbols.swapAt(place, place + stream.index(below: alphabet - place)) }
        return (0 ..< length).map { _ in symbols[stream.index(below: 4)] }
    }

    private static func trained(_ id: String) throws -> BoundModel {
        let model = try BoundModel(
            PluginLibrary.factory("TestTimeMemory", id),
            .object([
                "vocab_size": .integer(Int64(alphabet)), "hidden_size": .integer(32), "intermediate_size": .integer(32),
                "num_hidden_layers": .integer(1), "num_attention_heads": .integer(2),
            ]))
        let optimizer = try AdamW(memory: model.memory, options: AdamWOptions(), services: ThreadPool(threads: 1))
        var stream = RandomKey(seed: 4).stream
        for step in 1 ... 150 {
            var batch = Batch(rows: 8, length: 48, tokens: [])
            for _ in 0 ..< 8 {
                let text = document(49, &stream)
                batch.tokens += text.dropLast()
                batch.targets += text.dropFirst()
            }
            model.memory.zeroGradients()
            _ = try model.model.lossAndGradient(batch)
            let norm = optimizer.gradientNorm()
            optimizer.update(step: step, rate: 1e-2, gradientScale: norm > 1 ? 1 / norm : 1)
            model.model.parametersChanged()
        }
        return model
    }

    /// Mean nats of the text after its first symbol.
    private func nats(_ session: any SequenceSession, _ text: [Int32]) throws -> Double {
        let logits = try session.logits(Array(text.dropLast()), .all, vocabulary: CarriedStateTests.alphabet)
        let sums = text.dropFirst().enumerated().map { index, symbol -> Double in
            let row = logits[index * CarriedStateTests.alphabet ..< (index + 1) * CarriedStateTests.alphabet].map(Double.init)
            let top = row.max() ?? 0
            return top + log(row.reduce(0) { $0 + exp($1 - top) }) - row[Int(symbol)]
        }
        return sums.reduce(0, +) / Double(sums.count)
    }

    @Test(arguments: ids) func aDocumentReadMakesItsContinuationCheaper(_ id: String) throws {
        let model = try CarriedStateTests.trained(id)
        var stream = RandomKey(seed: 5).stream
        var (fresh, carried) = (0.0, 0.0)
        for _ in 0 ..< 20 {
            let text = CarriedStateTests.document(48, &stream)
            let continuation = Array(text[40...])
            let reader = try model.model.openSession(rows: 1)
            _ = try reader.logits(Array(text[..<40]), .none, vocabulary: CarriedStateTests.alphabet)
            let resumed = try model.model.loadSession(try reader.save())
            carried += try nats(resumed, continuation) / 20
            fresh += try nats(model.model.openSession(rows: 1), continuation) / 20
        }
        // ln 16 = 2.77 is the price of knowing nothing, ln 4 = 1.39 that of knowing the four symbols.
        #expect(carried < fresh - 0.15, "\(carried) nats after the document, \(fresh) afresh")
    }
}
