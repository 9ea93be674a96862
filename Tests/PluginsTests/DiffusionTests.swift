import Foundation
import PluginHost
import SequenceModel
import Testing
import Training

/// The denoiser against kuleshov-group/bd3lms@1c3e8f4, and what a bound must obey, through the C ABI.
@Suite struct DiffusionTests {
    private static let mask: Int32 = 20

    private func fixture(_ file: String) throws -> SafetensorsFile {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/off_bd3lm_backbone")
        return try SafetensorsFile(path: folder.appendingPathComponent(file).path)
    }

    private func model(blockSize: Int, layers: Int = 2, scalar: TensorView.Scalar = .float32) throws -> BoundModel {
        try BoundModel(
            PluginLibrary.factory("Diffusion", "diffusion"),
            .object([
                "vocab_size": .integer(21), "hidden_dim": .integer(32), "cond_dim": .integer(16),
                "n_blocks": .integer(Int64(layers)), "n_heads": .integer(4), "block_size": .integer(Int64(blockSize)),
            ]), scalar: scalar)
    }

    /// The published weights: without them the output is uniform, whatever the input.
    private func loaded(blockSize: Int) throws -> BoundModel {
        let model = try model(blockSize: blockSize)
        try model.load(fixture("params.safetensors"))
        return model
    }

    private func parityBatch() throws -> Batch {
        let io = try fixture("io.safetensors")
        let noisy = try io.integers("xt").map { Int32($0) }
        let clean = try io.integers("x0").map { Int32($0) }
        return Batch(
            rows: 2, length: 16, tokens: noisy,
            targets: zip(noisy, clean).map { $0 == DiffusionTests.mask ? $1 : -1 })
    }

    @Test func logitsAgree() throws {
        let model = try loaded(blockSize: 4)
        let batch = try parityBatch()
        var logits = [Float](repeating: .nan, count: 2 * 16 * 21)
        try logits.withUnsafeMutableBufferPointer { try model.model.logits(batch, into: $0) }
        #expect(largestDifference(logits, try fixture("io.safetensors").floats("logits")) <= 1e-4)
    }

    @Test func everyGradientAgrees() throws {
        let model = try loaded(blockSize: 4)
        let expected = try fixture("grads.safetensors")
        _ = try model.model.lossAndGradient(parityBatch())
        for index in model.memory.ownIndices {
            let name = model.memory.declarations[index].name
            let reference = try expected.floats(name).map(Double.init)
            #expect(relativeError(try model.gradient(index), reference) <= 1e-3, "gradient of \(name)")
        }
    }

    @Test func anUntrainedModelKnowsNothing() throws {
        // Zero output weights: every symbol of the alphabet is equally likely, exactly.
        let model = try model(blockSize: 0)
        let tokens = someTokens(24, below: 20)
        let score = try model.model.score(Batch(rows: 1, length: 24, tokens: tokens, targets: tokens), samples: 4)
        let mean = score.nats.reduce(0) { $0 + Double($1) } / 24
        #expect(abs(mean - Foundation.log(20)) < 1e-5)
    }

    @Test func withOneTargetTheBoundIsExact() throws {
        // One hidden symbol leaves no order to choose: the score is −ln p of that symbol given all others.
        let model = try loaded(blockSize: 0)
        let tokens = someTokens(12, below: 20)
        var targets = [Int32](repeating: -1, count: 12)
        targets[5] = tokens[5]
        let score = try model.model.score(Batch(rows: 1, length: 12, tokens: tokens, targets: targets), samples: 3)
        var hidden = tokens
        hidden[5] = DiffusionTests.mask
        var logits = [Float](repeating: .nan, count: 12 * 21)
        try logits.withUnsafeMutableBufferPointer {
            try model.model.logits(Batch(rows: 1, length: 12, tokens: hidden), into: $0)
        }
        let row = logits[5 * 21 ..< 5 * 21 + 20].map { Double($0) }
        let exact = Foundation.log(row.reduce(0) { $0 + Foundation.exp($1) }) - row[Int(tokens[5])]
        #expect(abs(Double(score.nats[5]) - exact) < 1e-5)
        #expect(score.nats.enumerated().allSatisfy { $0.offset == 5 || $0.element == 0 })
    }

    @Test func theScoreIsTheMeanOverAllOrders() throws {
        // Three targets: the bound is the mean over the 6 orders of filling in of the chain rule's nats; enough keys reach it.
        let model = try loaded(blockSize: 0)
        let tokens = someTokens(6, below: 20)
        let places = [1, 3, 4]
        var targets = [Int32](repeating: -1, count: 6)
        for place in places { targets[place] = tokens[place] }
        func nats(_ place: Int, hidden: Set<Int>) throws -> Double {
            let shown = tokens.enumerated().map { hidden.contains($0.offset) ? DiffusionTests.mask : $0.element }
            var logits = [Float](repeating: .nan, count: 6 * 21)
            try logits.withUnsafeMutableBufferPointer {
                try model.model.logits(Batch(rows: 1, length: 6, tokens: shown), into: $0)
            }
            let row = logits[place * 21 ..< place * 21 + 20].map { Double($0) }
            return Foundation.log(row.reduce(0) { $0 + Foundation.exp($1) }) - row[Int(tokens[place])]
        }
        var exact = 0.0
        for first in 0 ..< 3 {
            for second in 0 ..< 3 where second != first {
                let order = [places[first], places[second], places[3 - first - second]]
                for (step, place) in order.enumerated() { exact += try nats(place, hidden: Set(order[step...])) / 6 }
            }
        }
        let count = 400
        let totals = try (0 ..< count).map { index in
            let batch = Batch(
                rows: 1, length: 6, tokens: tokens, targets: targets, key: RandomKey(seed: UInt64(index)))
            return try model.model.score(batch, samples: 3).nats.reduce(0) { $0 + Double($1) }
        }
        let mean = totals.reduce(0, +) / Double(count)
        let variance = totals.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)
        #expect(abs(mean - exact) <= 4 * (variance / Double(count)).squareRoot() + 1e-6)
    }

    @Test func blocksOfOneAreExact() throws {
        // Block size 1: each symbol is hidden alone, its prefix clean: no choice is left, so every key gives the same.
        let model = try loaded(blockSize: 1)
        let tokens = someTokens(10, below: 20)
        func score(_ seed: UInt64) throws -> [Float] {
            try model.model.score(
                Batch(rows: 1, length: 10, tokens: tokens, targets: tokens, key: RandomKey(seed: seed)), samples: 1
            ).nats
        }
        #expect(try score(1) == score(2))
        // And a symbol never speaks about itself or what comes before it.
        var changed = tokens
        changed[7] = (changed[7] + 1) % 20
        let other = try model.model.score(
            Batch(rows: 1, length: 10, tokens: changed, targets: changed, key: RandomKey(seed: 1)), samples: 1
        ).nats
        #expect(other[0 ..< 7] == (try score(1))[0 ..< 7])
    }

    @Test(arguments: ["ancestral", "confidence"], [0, 4])
    func generationFillsEverythingAndShowsHow(_ sampler: String, _ blockSize: Int) throws {
        let model = try loaded(blockSize: blockSize)
        var text: [Int32] = [3, 1, 4]
        var steps = 0
        var isDone = false
        try model.model.generate(
            GenerationRequest(
                prompt: text, newTokens: 13, temperature: 0.9, steps: 6, sampler: sampler, key: RandomKey(seed: 5))
        ) { event in
            switch event {
            case .append(let symbols): text += symbols
            case .replace(let begin, let symbols): text.replaceSubrange(begin ..< begin + symbols.count, with: symbols)
            case .step: steps += 1
            case .done: isDone = true
            }
            return true
        }
        #expect(text.count == 16 && Array(text[..<3]) == [3, 1, 4])
        #expect(text.allSatisfy { $0 >= 0 && $0 < 20 })
        #expect(steps >= 4 && steps <= 8 && isDone)
    }

    @Test func generationStopsWhenToldTo() throws {
        let model = try loaded(blockSize: 0)
        let error = #expect(throws: SequenceModelError.self) {
            try model.model.generate(GenerationRequest(prompt: [1], newTokens: 8, key: RandomKey(seed: 1))) { _ in false }
        }
        #expect(error?.code == .cancelled)
    }

    @Test func anUnknownSamplerIsNamed() throws {
        let model = try loaded(blockSize: 0)
        let error = #expect(throws: SequenceModelError.self) {
            try model.model.generate(
                GenerationRequest(prompt: [1], newTokens: 8, sampler: "greedy", key: RandomKey(seed: 1))
            ) { _ in true }
        }
        #expect(error?.message == "sampler is \"greedy\"; allowed: ancestral, confidence, first-hitting")
    }

    @Test func predictionDoesNotSeeWhatItIsAskedFor() throws {
        for blockSize in [0, 4] {
            let model = try loaded(blockSize: blockSize)
            var tokens = someTokens(16, below: 20)
            var targets = [Int32](repeating: -1, count: 16)
            targets[9] = tokens[9]
            let first = try model.model.predict(Batch(rows: 1, length: 16, tokens: tokens, targets: targets))
            tokens[9] = (tokens[9] + 7) % 20
            targets[9] = tokens[9]
            let second = try model.model.predict(Batch(rows: 1, length: 16, tokens: tokens, targets: targets))
            #expect(first.symbols == second.symbols && first.logProbabilities == second.logProbabilities)
        }
    }
}
