import Foundation
import PluginHost
import SequenceModel
import Testing
import Training

/// What blocks add to masked diffusion, with the weights of the fixture from kuleshov-group/bd3lms@1c3e8f4, through the C ABI.
@Suite struct BlockDiffusionTests {
    private static let mask: Int32 = 20

    private func loaded(_ id: String, blockSize: Int, more: [(String, JSONValue)] = []) throws -> BoundModel {
        var configuration: JSONObject = [
            "vocab_size": .integer(21), "hidden_dim": .integer(32), "cond_dim": .integer(16), "n_blocks": .integer(2),
            "n_heads": .integer(4), "block_size": .integer(Int64(blockSize)),
        ]
        for (key, value) in more { configuration[key] = value }
        let model = try BoundModel(PluginLibrary.factory("Diffusion", id), .object(configuration))
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/off_bd3lm_backbone")
        try model.load(SafetensorsFile(path: folder.appendingPathComponent("params.safetensors").path))
        return model
    }

    /// Log-probabilities over the alphabet at `place` of `text`.
    private func logs(_ model: BoundModel, _ text: [Int32], _ place: Int) throws -> [Double] {
        let row = try model.logits(text, rows: 1)[place * 21 ..< place * 21 + 20].map(Double.init)
        let top = row.max() ?? 0
        let sum = Foundation.log(row.reduce(0) { $0 + exp($1 - top) }) + top
        return row.map { $0 - sum }
    }

    private func generate(_ model: BoundModel, _ request: GenerationRequest) throws -> [Int32] {
        var text = request.prompt
        try model.model.generate(request) { event in
            switch event {
            case .append(let symbols): text += symbols
            case .replace(let begin, let symbols): text.replaceSubrange(begin ..< begin + symbols.count, with: symbols)
            case .step, .done: break
            }
            return true
        }
        return text
    }

    /// Blocks of one: the score is Σ −ln p(symbol | symbols before it), one evaluation, and says that it is exact.
    @Test func blocksOfOneAreTheSumOfTheirConditionals() throws {
        let model = try loaded("block-diffusion", blockSize: 1)
        let text = someTokens(9, below: 20)
        let score = try model.model.score(Batch(rows: 1, length: 9, tokens: text, targets: text, key: RandomKey(seed: 4)), samples: 8)
        for place in 0 ..< 9 {
            let shown = Array(text[..<place]) + [BlockDiffusionTests.mask]
            #expect(abs(Double(score.nats[place]) + (try logs(model, shown, place))[Int(text[place])]) < 1e-5)
        }
        #expect(score.samples == 1 && score.estimator.hasPrefix("exact"))
        // And so is its training: no time is drawn where there is nothing to choose.
        let loss = try model.model.loss(Batch(rows: 1, length: 9, tokens: text, targets: text, key: RandomKey(seed: 5)))
        #expect(abs(loss - score.nats.reduce(0) { $0 + Double($1) } / 9) < 1e-5)
    }

    @Test func oneBlockOfTheWholeTextIsMaskedDiffusion() throws {
        let (blocks, whole) = (try loaded("block-diffusion", blockSize: 16), try loaded("diffusion", blockSize: 0))
        let text = someTokens(32, below: 20)
        let batch = Batch(rows: 2, length: 16, tokens: text, targets: text, key: RandomKey(seed: 9))
        let (a, b) = (try blocks.model.score(batch, samples: 5), try whole.model.score(batch, samples: 5))
        #expect(largestDifference(a.nats, b.nats) < 1e-4)
        #expect(abs(try blocks.model.loss(batch) - whole.model.loss(batch)) < 1e-5)
    }

    /// With a cache of finished blocks the same text comes as from whole evaluations: the surest symbol of the block, one at a time.
    @Test(arguments: [1, 4, 6]) func theCacheChangesNothing(_ blockSize: Int) throws {
        let model = try loaded("block-diffusion", blockSize: blockSize)
        let prompt = someTokens(7, below: 20)
        let found = try generate(
            model,
            GenerationRequest(
                prompt: prompt, newTokens: 15, temperature: 0, steps: 15, sampler: "confidence", key: RandomKey(seed: 2)))
        var text = prompt + [Int32](repeating: BlockDiffusionTests.mask, count: 15)
        for start in stride(from: 0, to: text.count, by: blockSize) {
            let end = min(text.count, start + blockSize)
            while text[start ..< end].contains(BlockDiffusionTests.mask) {
                var best = (place: 0, symbol: 0, log: -Double.infinity)
                for place in start ..< end where text[place] == BlockDiffusionTests.mask {
                    let logs = try logs(model, Array(text[..<end]), place)
                    for (symbol, log) in logs.enumerated() where log > best.log { best = (place, symbol, log) }
                }
                text[best.place] = Int32(best.symbol)
            }
        }
        #expect(found == text)
    }

    /// One symbol in each evaluation, in any order inside of a block, blocks from left to right.
    @Test func firstHittingRevealsOneAtATime() throws {
        let model = try loaded("block-diffusion", blockSize: 4)
        var revealed: [Int] = [], text: [Int32] = [5, 6, 7, 8]
        try model.model.generate(GenerationRequest(prompt: text, newTokens: 12, key: RandomKey(seed: 3))) { event in
            switch event {
            case .append(let symbols): text += symbols
            case .replace(let begin, let symbols):
                let places = symbols.indices.filter { text[begin + $0] != symbols[$0] }.map { begin + $0 }
                #expect(places.count == 1)
                revealed += places
                text.replaceSubrange(begin ..< begin + symbols.count, with: symbols)
            case .step, .done: break
            }
            return true
        }
        #expect(revealed.count == 12 && Set(revealed) == Set(4 ..< 16))
        #expect(revealed.map { $0 / 4 } == [1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3])
        #expect(revealed != Array(4 ..< 16), "some order of its own")
    }

    @Test func theClippedScheduleHidesWhatItSays() throws {
        // Between 0.9999 and 1: everything is hidden, and counts 1.
        let model = try loaded("block-diffusion", blockSize: 4, more: [("sampling_eps_min", .number(0.9999))])
        let text = someTokens(8, below: 20)
        let batch = Batch(rows: 1, length: 8, tokens: text, targets: text, key: RandomKey(seed: 8))
        var expected = 0.0
        for start in [0, 4] {
            let shown = Array(text[..<start]) + [Int32](repeating: BlockDiffusionTests.mask, count: 4)
            for place in start ..< start + 4 { expected -= (try logs(model, shown, place))[Int(text[place])] / 8 }
        }
        #expect(abs(try model.model.loss(batch) - expected) < 1e-3)
        // Scores use the whole range, whatever training does.
        let whole = try loaded("block-diffusion", blockSize: 4)
        #expect(try model.model.score(batch, samples: 3).nats == whole.model.score(batch, samples: 3).nats)
    }

    @Test(arguments: [("block-diffusion", "first-hitting"), ("block-diffusion", "ancestral"), ("diffusion", "confidence")])
    func gapsInAPromptAreFilledIn(_ id: String, _ sampler: String) throws {
        let model = try loaded(id, blockSize: id == "diffusion" ? 0 : 4)
        var prompt = someTokens(14, below: 20)
        for place in [1, 6, 7, 12] { prompt[place] = BlockDiffusionTests.mask }
        let text = try generate(
            model, GenerationRequest(prompt: prompt, newTokens: 0, temperature: 1, sampler: sampler, key: RandomKey(seed: 6)))
        #expect(text.count == 14 && text.allSatisfy { $0 >= 0 && $0 < 20 })
        for place in 0 ..< 14 where prompt[place] != BlockDiffusionTests.mask { #expect(text[place] == prompt[place]) }
    }
}
