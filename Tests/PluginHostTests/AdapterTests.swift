import PluginHost
import SequenceModel
import Testing
import TestSupport

/// The honest plugin through the ABI, against the same mathematics in Swift, and what its refusals become.
@Suite struct AdapterTests {
    private var factory: any ModelFactory {
        get throws { try Plugin.load(TestPlugins.bigram.get()).models[0] }
    }

    private func resolve(_ json: String) throws -> String {
        let factory = try factory
        return outcome { try factory.resolve(JSONParser.parse(json)).description }
    }

    @Test func resolvesConfigurations() throws {
        #expect(try resolve("{}") == #"no error: {"vocab_size":256,"hidden_size":16}"#)
        #expect(try resolve(#"{"hidden_size": 4}"#) == #"no error: {"vocab_size":256,"hidden_size":4}"#)
        #expect(try resolve(#"{"hiden_size": 4}"#) == "3: unknown key \"hiden_size\"; did you mean \"hidden_size\"?")
        #expect(try resolve(#"{"temperature": 4}"#) == "3: unknown key \"temperature\"; known: vocab_size, hidden_size")
        #expect(try resolve(#"{"vocab_size": 1}"#) == "3: vocab_size is 1; allowed: 2 to 65536")
        #expect(try resolve(#"{"vocab_size": "x"}"#) == "3: vocab_size is not an integer")
        #expect(try resolve("[]") == "3: the configuration is an array; an object is needed")
    }

    @Test func proposesWithinBudget() throws {
        for parameters in [10_000, 65_536, 1_000_000] {
            let budget = Budget(parameters: parameters, context: 128)
            let model = try factory.create(try factory.propose(budget), services: NoHostServices())
            let count = try ParameterMemory(for: model, gradients: false).parameterCount
            #expect(abs(Double(count) / Double(parameters) - 1) <= 0.05)
        }
        let factory = try factory
        #expect(
            outcome { try factory.propose(Budget(parameters: 100, context: 8)) }
                == "3: no configuration has 100 parameters; the nearest has 768, possible: 768 to 33554688")
        #expect(
            outcome { try factory.propose(Budget(parameters: 0, context: 8)) }
                == "3: budget of 0 parameters, alphabet 256, context 8; each must be at least 1")
        #expect(
            outcome { try factory.propose(Budget(parameters: 1000, alphabet: -1, context: 8)) }
                == "3: budget of 1000 parameters, alphabet -1, context 8; each must be at least 1")
    }

    @Test func declaresParameters() throws {
        let bigram = try Bigram()
        #expect(bigram.model.configuration.description == #"{"vocab_size":5,"hidden_size":3}"#)
        #expect(bigram.model.shape == ModelShape(vocabulary: 5, alphabet: 5))
        let parameters = bigram.model.parameters
        #expect(parameters.map(\.name) == ["embedding.weight", "output.weight", "output.bias"])
        #expect(parameters.map(\.shape) == [[5, 3], [3, 5], [5]])
        #expect(parameters.map(\.weightDecay) == [true, true, false])
        #expect(parameters[0].initialiser == .normal(mean: 0, standardDeviation: 1))
        #expect(parameters[2].initialiser == .constant(0))
        #expect(parameters.allSatisfy { $0.learningRateMultiplier == 1 && !$0.isBuffer && $0.tiedTo == nil })
    }

    @Test func lossIsThatOfTheFormula() throws {
        let bigram = try Bigram()
        let batch = Batch(rows: 2, length: 2, tokens: [0, 1, 2, 3], targets: [1, -1, 4, 0])
        let nats = [(0, 1), (2, 4), (3, 0)].map { bigram.expectedNats(after: $0.0, target: $0.1) }
        // Parameters are float32: logits of order 1 carry an error of some 1e-7.
        #expect(abs(try bigram.model.loss(batch) - nats.reduce(0, +) / 3) < 1e-6)
        var weighted = batch
        weighted.weights = [2, 9, -1, 0.5]
        let expected = 2 * nats[0] - nats[1] + 0.5 * nats[2]
        #expect(abs(try bigram.model.loss(weighted) - expected) < 2e-6)
    }

    /// Central differences of the loss, parameter by parameter; then once more, since gradients add up.
    @Test func gradientIsThatOfTheLoss() throws {
        let bigram = try Bigram()
        let batch = Batch(rows: 2, length: 3, tokens: [0, 1, 2, 3, 4, 0], targets: [1, 2, -1, 4, 0, 1])
        let loss = try bigram.model.lossAndGradient(batch)
        #expect(try bigram.model.loss(batch) == loss)
        let gradients = try #require(bigram.memory.gradientViews)
        let step: Float = 1.0 / 64
        for (view, gradient) in zip(bigram.memory.views, gradients) {
            let values = try #require(view.floats), derivatives = try #require(gradient.floats)
            for index in values.indices {
                let before = values[index]
                values[index] = before + step
                let above = try bigram.model.loss(batch)
                values[index] = before - step
                let below = try bigram.model.loss(batch)
                values[index] = before
                // Second-order differences: the error is of order step² / 6 times the third derivative, which is
                // below 1.
                #expect(abs((above - below) / Double(2 * step) - Double(derivatives[index])) < 1e-4)
            }
        }
        let once = gradients.map { Array($0.floats!) }
        _ = try bigram.model.lossAndGradient(batch)
        for (view, before) in zip(gradients, once) {
            for (now, old) in zip(view.floats!, before) { #expect(abs(now - 2 * old) <= 1e-6) }
        }
        bigram.memory.zeroGradients()
        #expect(gradients.allSatisfy { $0.floats!.allSatisfy { $0 == 0 } })
    }

    @Test func scoresAndPredicts() throws {
        let bigram = try Bigram()
        let batch = Batch(rows: 2, length: 2, tokens: [0, 1, 2, 3], targets: [1, -1, 4, 0], weights: [5, 5, 5, 5])
        let score = try bigram.model.score(batch, samples: 0)
        let expected = [
            bigram.expectedNats(after: 0, target: 1), 0, bigram.expectedNats(after: 2, target: 4),
            bigram.expectedNats(after: 3, target: 0),
        ]
        #expect(zip(score.nats, expected).allSatisfy { abs(Double($0) - $1) < 1e-6 })
        #expect(score.samples == 1 && score.estimator == "")
        var logits = [Float](repeating: .nan, count: 20)
        try logits.withUnsafeMutableBufferPointer { try bigram.model.logits(batch, into: $0) }
        for (row, token) in [0, 1, 2, 3].enumerated() {
            for (v, value) in bigram.expectedLogits(after: token).enumerated() {
                #expect(abs(Double(logits[row * 5 + v]) - value) < 1e-6)
            }
        }
        let prediction = try bigram.model.predict(batch)
        for (index, token) in [0, 1, 2, 3].enumerated() {
            let values = bigram.expectedLogits(after: token)
            let best = values.indices.max { values[$0] < values[$1] }!
            #expect(prediction.symbols[index] == (index == 1 ? -1 : Int32(best)))
            let nats = index == 1 ? 0 : bigram.expectedNats(after: token, target: best)
            #expect(abs(Double(prediction.logProbabilities[index]) + nats) < 1e-6)
        }
    }

    /// The plugin's own refusals arrive with their status and text; those that only the host can make come before.
    @Test func refusesBatches() throws {
        let model = try Bigram().model
        func verdict(_ batch: Batch) -> String { outcome { try model.loss(batch) } }
        #expect(
            verdict(Batch(rows: 1, length: 2, tokens: [0, 5], targets: [1, 1]))
                == "3: token 5 at row 0, position 1; allowed: 0 to 4")
        #expect(
            verdict(Batch(rows: 2, length: 1, tokens: [0, 1], targets: [1, -2]))
                == "3: target -2 at row 1, position 0; allowed: -1 to 4")
        #expect(verdict(Batch(rows: 1, length: 1, tokens: [0])) == "3: batch has no targets")
        #expect(verdict(Batch(rows: 1, length: 2, tokens: [0], targets: [1, 1])) == "3: batch of 1 × 2 has 1 tokens")
        #expect(verdict(Batch(rows: 1, length: 1, tokens: [0], targets: [1, 1])) == "3: batch of 1 × 1 has 2 targets")
        #expect(
            verdict(Batch(rows: 1, length: 1, tokens: [0], targets: [1], weights: []))
                == "3: batch of 1 × 1 has 0 weights")
        #expect(verdict(Batch(rows: 0, length: 1, tokens: [])) == "3: batch is 0 × 1; both must be at least 1")
        #expect(
            verdict(Batch(rows: -1, length: -1, tokens: [0], targets: [0]))
                == "3: batch is -1 × -1; both must be at least 1")
        var logits = [Float](repeating: 0, count: 9)
        let text = logits.withUnsafeMutableBufferPointer { logits in
            outcome { try model.logits(Batch(rows: 1, length: 2, tokens: [0, 1]), into: logits) }
        }
        #expect(text == "3: logits: room for 9 logits; 2 × 5 are written")
        #expect(
            outcome { try model.score(Batch(rows: 1, length: 1, tokens: [0], targets: [1]), samples: -1) }
                == "3: score: -1 samples; allowed: 0 to 4294967295")
    }

    @Test func refusesToWorkUnbound() throws {
        let model = try factory.create(.object([:]), services: NoHostServices())
        let batch = Batch(rows: 1, length: 1, tokens: [0], targets: [1])
        let message = "9: the model has no parameters yet: bind comes first"
        #expect(outcome { try model.loss(batch) } == message)
        #expect(outcome { try model.openSession(rows: 1) } == message)
        let memory = try ParameterMemory(for: model, gradients: false)
        try memory.bind(to: model)
        #expect(outcome { try model.lossAndGradient(batch) } == "9: the model was bound without gradients")
    }

    @Test func refusesBindings() throws {
        let bigram = try Bigram()
        let views = bigram.memory.views
        func bind(_ views: [TensorView], _ gradients: [TensorView]? = nil) -> String {
            outcome { try bigram.model.bind(parameters: views, gradients: gradients) }
        }
        #expect(bind(Array(views.dropLast())) == "3: bind: 2 tensors; the model has 3 parameters")
        #expect(bind(views, []) == "3: bind: 0 tensors; the model has 3 parameters")
        var wrong = views
        wrong[1].shape = [5, 3]
        #expect(bind(wrong) == "3: parameter output.weight has shape [5, 3]; [3, 5] is needed")
        #expect(bind(views, wrong) == "3: gradient of output.weight has shape [5, 3]; [3, 5] is needed")
        wrong = views
        wrong[0].data += 4
        #expect(bind(wrong) == "3: parameter embedding.weight is not aligned to 64 bytes")
        wrong = views
        wrong[2].scalar = .float64
        #expect(bind(wrong) == "3: bind: tensors of both float32 and float64; one type is needed")
        let doubles = try ParameterMemory(for: bigram.model, gradients: false, scalar: .float64)
        #expect(bind(doubles.views) == "3: parameter 0 is not float32 of the declared shape")
        // A refusal leaves the binding as it was.
        #expect(try bigram.model.loss(Batch(rows: 1, length: 1, tokens: [0], targets: [1])).isFinite)
    }

    @Test func absentExtensions() throws {
        let model = try Bigram().model
        let request = GenerationRequest(prompt: [0], newTokens: 1, key: RandomKey(seed: 0))
        #expect(
            outcome { try model.generate(request) { _ in true } }
                == "12: bigram does not offer generate of sm.generate/1")
        // Models without a use for it leave it out.
        try model.postUpdate(step: 1)
    }

    @Test func instancesAreFreed() throws {
        for _ in 0 ..< 1000 {
            let bigram = try Bigram()
            let session = try bigram.model.openSession(rows: 2)
            try session.append([0, 1], logits: .none, into: UnsafeMutableBufferPointer(start: nil, count: 0))
        }
    }
}
