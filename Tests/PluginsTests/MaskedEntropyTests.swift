import Foundation
import PluginHost
import SequenceModel
import Testing

/// `masked_entropy` of the diffusion model against the logits that it gives for texts whose symbols this file hides.
@Suite struct MaskedEntropyTests {
    /// [9], from `logits` of the noisy text.
    private func direct(_ model: ProbedText, _ batch: Batch) throws -> [Double] {
        let (shape, mask) = (model.model.shape, Int32(try #require(model.model.shape.maskSymbol)))
        return try (1 ... 9).map { tenth in
            var noisy = batch
            // The model's own draw: which symbols are hidden is no part of what is checked.
            var stream = batch.key.split("part").stream
            var hidden: [Int] = []
            for row in 0 ..< batch.rows {
                var positions = (row * batch.length ..< (row + 1) * batch.length).filter { batch.targets[$0] >= 0 }
                for place in 0 ..< max(1, Int((Double(tenth) / 10 * Double(positions.count)).rounded())) {
                    positions.swapAt(place, place + stream.index(below: positions.count - place))
                    hidden.append(positions[place])
                }
            }
            for position in hidden { noisy.tokens[position] = mask }
            var logits = [Float](repeating: .nan, count: noisy.tokens.count * shape.vocabulary)
            try logits.withUnsafeMutableBufferPointer { try model.model.logits(noisy, into: $0) }
            let sum = hidden.reduce(0.0) { sum, position in
                sum + entropy(logits[position * shape.vocabulary ..< position * shape.vocabulary + shape.alphabet].map(Double.init))
            }
            return sum / Double(hidden.count)
        }
    }

    private func batch(rows: Int, length: Int, below limit: Int) -> Batch {
        let tokens = someTokens(rows * length, below: limit)
        return Batch(
            rows: rows, length: length, tokens: tokens, targets: tokens.enumerated().map { $0 % length == 0 ? -1 : $1 },
            key: RandomKey(seed: 5))
    }

    @Test(arguments: [0, 4])
    func isThatOfTheLogits(block: Int) throws {
        let model = try ProbedText(
            "Diffusion", "diffusion",
            #"{"vocab_size":14,"hidden_dim":16,"n_blocks":2,"n_heads":2,"cond_dim":8,"block_size":\#(block),"time_conditioning":true}"#)
        let batch = batch(rows: 3, length: 21, below: 13)
        let (got, expected) = (try model.values("masked_entropy", batch), try direct(model, batch))
        #expect(isNear(got, expected, 1e-5), "\(got) instead of \(expected)")
        #expect(got.allSatisfy { $0 > 0 && $0 < log(13) } && Set(got).count == 9)
    }

    /// A model that knows nothing has the entropy of its alphabet everywhere.
    @Test func withoutKnowledge() throws {
        let model = try ProbedText("Diffusion", "diffusion", #"{"vocab_size":14,"hidden_dim":16,"n_blocks":1,"n_heads":2}"#)
        for index in model.bound.memory.ownIndices where model.bound.memory.declarations[index].name.hasPrefix("output_layer.linear") {
            let view = model.bound.memory.views[index]
            view.write([Double](repeating: 0, count: view.count))
        }
        model.model.parametersChanged()
        let got = try model.values("masked_entropy", batch(rows: 2, length: 9, below: 13))
        #expect(isNear(got, [Double](repeating: log(13), count: 9), 1e-9))
    }

    @Test func needsTargets() throws {
        let model = try ProbedText("Diffusion", "diffusion", "{}")
        #expect(throws: SequenceModelError.self) {
            try model.values("masked_entropy", Batch(rows: 1, length: 3, tokens: [1, 2, 3]))
        }
    }

    @Test(arguments: ["diffusion", "block-diffusion", "llada"]) func selfTestIsThatOfTheLogits(_ id: String) throws {
        let test = try ProbedText("Diffusion", id, "{}").selfTest("masked_entropy")
        let model = try ProbedText("Diffusion", id, test.configuration.description, asInSelfTests: true)
        let expected = try direct(model, test.batch)
        #expect(isNear(test.expected, expected, 1e-4), "\(expected)")
    }
}
