import PluginHost
import SequenceModel
import Testing
import Training

/// The plugin in plain C: configuration, derivatives, sessions and cancellation through the ABI.
@Suite struct LSTMTests {
    static let ids = ["lstm", "gru"]
    private static let small = #"{"vocab_size":13,"hidden_size":10,"embedding_size":7,"num_hidden_layers":2}"#
    private static let tied = #"{"vocab_size":13,"hidden_size":17,"num_hidden_layers":1,"tie_word_embeddings":true}"#

    private func factory(_ id: String) throws -> any ModelFactory { try PluginLibrary.factory("LSTM", id) }

    private func open(
        _ id: String, _ text: String = small, scalar: TensorView.Scalar = .float32, threads: Int = 1
    ) throws -> BoundModel {
        try BoundModel(factory(id), JSONParser.parse(text), scalar: scalar, threads: threads)
    }

    @Test(arguments: ids) func defaultsAreFilledInAndForeignKeysPassedOver(_ id: String) throws {
        let expected =
            #"{"vocab_size":256,"hidden_size":256,"embedding_size":256,"num_hidden_layers":2,"tie_word_embeddings":false}"#
        let given = try JSONParser.parse(#" { "model_type" : "\#(id)", "architectures":[{"a":[1.5e3,null,"\u00e9\""]}] } "#)
        #expect(try factory(id).resolve(given).description == expected)
        #expect(try factory(id).resolve(JSONParser.parse("{}")).description == expected)
        let schema = try JSONParser.parse(factory(id).description.configurationSchema)
        #expect(schema["model_types"]?.description == "[\"\(id)\"]")
    }

    @Test(arguments: [
        (#"{"hiden_size":64}"#, #"unknown key "hiden_size"; did you mean "hidden_size"?"#),
        (#"{"num_hiden_layer":64}"#, #"unknown key "num_hiden_layer"; did you mean "num_hidden_layers"?"#),
        (
            #"{"dropout":0}"#,
            #"unknown key "dropout"; known keys: vocab_size, hidden_size, embedding_size, num_hidden_layers, tie_word_embeddings"#
        ),
        (#"{"hidden_size":0}"#, "hidden_size is 0; allowed: an integer from 1 to 65536"),
        (#"{"hidden_size":1e3}"#, "hidden_size is 1000.0 (a number); expected: an integer"),
        (#"{"hidden_size":"64"}"#, #"hidden_size is "64" (a string); expected: an integer"#),
        (#"{"hidden_size":[[1],{"a":2}]}"#, #"hidden_size is [[1],{"a":2}] (an array); expected: an integer"#),
        (#"{"tie_word_embeddings":1}"#, "tie_word_embeddings is 1 (an integer); expected: a boolean"),
        (
            #"{"tie_word_embeddings":true,"embedding_size":8}"#,
            "embedding_size is 8; allowed: hidden_size (256), since tie_word_embeddings is true"
        ),
        (#"{"num_hidden_layers":1099511627776}"#, "num_hidden_layers is 1099511627776; allowed: an integer from 1 to 1024"),
        (#"{"model_type":"gru"}"#, #"model_type is "gru"; allowed: "lstm""#),
    ]) func mistakesAreNamed(_ text: String, _ expected: String) throws {
        let error = #expect(throws: SequenceModelError.self) { try factory("lstm").resolve(JSONParser.parse(text)) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message == expected)
    }

    @Test(arguments: ids, [10_000, 100_000, 300_000, 1_000_000, 10_000_000, 100_000_000])
    func budgetsAreMetWithinFivePercent(_ id: String, _ parameters: Int) throws {
        for alphabet in [2, 97, 256] {
            let proposal = try factory(id).propose(Budget(parameters: parameters, alphabet: alphabet, context: 256))
            let model = try factory(id).create(proposal, services: NoHostServices())
            let count = model.parameters.reduce(0) { $0 + ($1.tiedTo == nil ? $1.count : 0) }
            #expect(abs(Double(count) / Double(parameters) - 1) <= 0.05, "\(count): \(proposal)")
        }
    }

    @Test(arguments: ids) func impossibleBudgetsNameTheEnds(_ id: String) throws {
        let error = #expect(throws: SequenceModelError.self) {
            try factory(id).propose(Budget(parameters: 100, alphabet: 256, context: 64))
        }
        #expect(error?.message.contains("smallest possible: \(id == "lstm" ? 528 : 524)") == true)
    }

    /// Central differences in double precision on single values of every parameter tensor.
    @Test(arguments: ids, [small, tied]) func gradientsAreTheSlopesOfTheLoss(_ id: String, _ text: String) throws {
        let model = try open(id, text, scalar: .float64)
        model.scaleMatrices(by: 1.5)
        let weights = (0 ..< 36).map { Float($0 % 7) * 0.3 - 0.5 }
        let batch = Batch(
            rows: 4, length: 9, tokens: someTokens(36, below: 13), targets: someTokens(36, below: 13, seed: 8),
            weights: weights)
        _ = try model.model.lossAndGradient(batch)
        let step = 1e-5
        for index in model.memory.ownIndices {
            guard let values = model.memory.views[index].doubles else { continue }
            let slopes = try model.gradient(index)
            for place in stride(from: 0, to: values.count, by: max(1, values.count / 40)) {
                let kept = values[place]
                values[place] = kept + step
                let above = try model.model.loss(batch)
                values[place] = kept - step
                let below = try model.model.loss(batch)
                values[place] = kept
                let slope: Double = (above - below) / (2 * step)
                #expect(abs(slope - slopes[place]) <= 1e-8, "\(model.memory.declarations[index].name)[\(place)]")
            }
        }
    }

    @Test(arguments: ids) func gradientsAreAddedToWhatIsThere(_ id: String) throws {
        let model = try open(id, scalar: .float64)
        let batch = Batch(rows: 2, length: 8, tokens: someTokens(16, below: 13), targets: someTokens(16, below: 13, seed: 8))
        _ = try model.model.lossAndGradient(batch)
        let once = try model.memory.ownIndices.map { try model.gradient($0) }
        _ = try model.model.lossAndGradient(batch)
        for (index, before) in zip(model.memory.ownIndices, once) {
            #expect(relativeError(try model.gradient(index), before.map { 2 * $0 }) <= 1e-14)
        }
    }

    /// More rows and steps than are computed at a time, and more than one piece of every product.
    @Test(arguments: ids) func manyRowsAndStepsAreCutWithoutATrace(_ id: String) throws {
        let text = #"{"vocab_size":13,"hidden_size":40,"num_hidden_layers":2}"#
        var results: [(loss: Double, gradients: [[Double]], logits: [Float])] = []
        let (rows, length) = (70, 150)
        let tokens = someTokens(rows * length, below: 13)
        let batch = Batch(rows: rows, length: length, tokens: tokens, targets: someTokens(rows * length, below: 13, seed: 2))
        for threads in [1, 2, 3] {
            let model = try open(id, text, threads: threads)
            let loss = try model.model.lossAndGradient(batch)
            #expect(abs(loss - (try model.model.loss(batch))) <= 1e-6)
            results.append((loss, try model.memory.ownIndices.map { try model.gradient($0) }, try model.logits(tokens, rows: rows)))
        }
        for other in results.dropFirst() {
            #expect(other.loss == results[0].loss)
            #expect(other.gradients == results[0].gradients)
            #expect(other.logits == results[0].logits)
        }
        // The last row, read alone and step by step.
        let model = try open(id, text)
        let session = try model.model.openSession(rows: 1)
        var found: [Float] = []
        for token in tokens.suffix(length) { found += try session.logits([token], .last, vocabulary: 13) }
        #expect(largestDifference(found, Array(results[0].logits.suffix(length * 13))) <= 1e-5)
    }

    @Test(arguments: ids) func aFailedAppendLeavesTheSessionAsItWas(_ id: String) throws {
        let model = try open(id)
        let session = try model.model.openSession(rows: 2)
        _ = try session.logits(someTokens(14, below: 13), .none, vocabulary: 13)
        let before = try session.save()
        let error = #expect(throws: SequenceModelError.self) { try session.logits([1, 2, 3, 13], .last, vocabulary: 13) }
        #expect(error?.message == "token 13 at row 1, position 1; allowed: 0 to 12")
        #expect(try session.save() == before)
        #expect(session.position == 7)
        let other = try open(id)
        other.scaleMatrices(by: 2)
        let refusal = #expect(throws: SequenceModelError.self) { try other.model.loadSession(before) }
        #expect(refusal?.code == .dataLoss)
    }

    /// Wherever in a call the host asks to stop, the call ends and the next one is as if nothing had been.
    @Test(arguments: ids) func cancellationIsObeyedAnywhereInACall(_ id: String) throws {
        let impatient = Impatient()
        let model = try factory(id).create(JSONParser.parse(LSTMTests.small), services: impatient)
        let memory = try ParameterMemory(for: model, gradients: true)
        try memory.bind(to: model)
        try memory.initialise(model, seed: 1)
        let batch = Batch(rows: 3, length: 30, tokens: someTokens(90, below: 13), targets: someTokens(90, below: 13, seed: 8))
        let loss = try model.lossAndGradient(batch)
        let asked = impatient.asked
        // At each step of each layer, there and back, at least.
        #expect(asked >= 4 * 30)
        for patience in stride(from: 0, to: asked, by: 7) {
            impatient.patience = patience
            impatient.asked = 0
            let error = #expect(throws: SequenceModelError.self) { try model.lossAndGradient(batch) }
            #expect(error?.code == .cancelled)
        }
        impatient.patience = .max
        memory.zeroGradients()
        #expect(try model.lossAndGradient(batch) == loss)
    }

    @Test(arguments: ids) func itLearnsToCount(_ id: String) throws {
        let model = try open(id, #"{"vocab_size":7,"hidden_size":16,"num_hidden_layers":1}"#)
        let text = (0 ..< 41).map { Int32($0 * $0 % 7) }
        let batch = Batch(rows: 1, length: 40, tokens: Array(text[..<40]), targets: Array(text[1...]))
        let before = try model.model.loss(batch)
        for _ in 0 ..< 150 {
            model.memory.zeroGradients()
            _ = try model.model.lossAndGradient(batch)
            for index in model.memory.ownIndices {
                guard let values = model.memory.views[index].floats, let slopes = model.memory.gradientViews?[index].floats
                else { continue }
                for place in values.indices { values[place] -= 0.5 * slopes[place] }
            }
            model.model.parametersChanged()
        }
        #expect(abs(before - 1.95) < 0.4)
        #expect(try model.model.loss(batch) < 0.2 * before)
    }
}

/// A host of one thread that wants to stop once it was asked `patience` times.
private final class Impatient: HostServices {
    var patience = Int.max
    var asked = 0
    var maximumConcurrency: Int { 1 }
    var shouldCancel: Bool {
        asked += 1
        return asked > patience
    }
    func parallelFor(
        _ count: Int, _ task: @convention(c) (UnsafeMutableRawPointer?, UInt64) -> Void, _ argument: UnsafeMutableRawPointer?
    ) {
        for index in 0 ..< count { task(argument, UInt64(index)) }
    }
    func log(_ severity: LogSeverity, _ text: String) {}
    func progress(_ fraction: Double) {}
}
