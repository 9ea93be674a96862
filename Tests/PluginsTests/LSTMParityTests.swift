import PluginHost
import SequenceModel
import Testing
import Training

/// LSTM and GRU against `nn.LSTM` and `nn.GRU` of PyTorch 2.13.0, with one layer and tied embeddings and with two layers.
@Suite struct LSTMParityTests {
    struct Example: Sendable, CustomTestStringConvertible {
        let id: String
        let layers: Int
        var testDescription: String { "\(id) \(layers)" }
    }

    static let examples = ["lstm", "gru"].flatMap { id in [1, 2].map { Example(id: id, layers: $0) } }

    private func open(
        _ example: Example, scalar: TensorView.Scalar = .float32
    ) throws -> (fixture: ParityFixture, model: BoundModel) {
        let fixture = try ParityFixture("torch_\(example.id)_\(example.layers)")
        let model = try BoundModel(PluginLibrary.factory("LSTM", example.id), fixture.configuration, scalar: scalar)
        try model.load(fixture.weights)
        return (fixture, model)
    }

    @Test(arguments: examples) func publishedNamesLoadAsTheyAre(_ example: Example) throws {
        let (fixture, model) = try open(example)
        let declared = Set(model.memory.ownIndices.map { model.memory.declarations[$0].name })
        #expect(declared == Set(fixture.weights.tensors.map(\.name)))
    }

    @Test(arguments: examples) func logitsAgree(_ example: Example) throws {
        let (fixture, model) = try open(example)
        #expect(largestDifference(try model.logits(fixture.ids, rows: 2), fixture.logits) <= 1e-5)
    }

    @Test(arguments: examples, [TensorView.Scalar.float32, .float64])
    func lossAndEveryGradientAgree(_ example: Example, _ scalar: TensorView.Scalar) throws {
        let (fixture, model) = try open(example, scalar: scalar)
        #expect(abs(try model.model.lossAndGradient(fixture.batch) - fixture.loss) <= 1e-6)
        for index in model.memory.ownIndices {
            let name = model.memory.declarations[index].name
            let expected = try fixture.gradients.floats(name).map(Double.init)
            #expect(relativeError(try model.gradient(index), expected) <= 1e-5, "gradient of \(name)")
        }
    }

    @Test(arguments: examples) func sessionsContinueAsTheReferenceDoes(_ example: Example) throws {
        let (fixture, model) = try open(example)
        let length = fixture.greedy.count / 2
        let session = try model.model.openSession(rows: 2)
        var symbols = (0 ..< 2).flatMap { fixture.greedy[$0 * length ..< $0 * length + 5] }
        for position in 5 ..< length {
            let logits = try session.logits(symbols, .last, vocabulary: model.vocabulary)
            symbols = (0 ..< 2).map { row in
                let own = logits[row * model.vocabulary ..< (row + 1) * model.vocabulary]
                return Int32((own.indices.max { own[$0] < own[$1] } ?? own.startIndex) - own.startIndex)
            }
            #expect(symbols == (0 ..< 2).map { fixture.greedy[$0 * length + position] })
        }
    }

    @Test(arguments: examples) func theStateIsWhatTheCardSays(_ example: Example) throws {
        let (_, model) = try open(example)
        let session = try model.model.openSession(rows: 3)
        // h of 8 numbers a layer and row, and c of an LSTM, float32.
        #expect(session.stateBytes == 3 * example.layers * 8 * 4 * (example.id == "lstm" ? 2 : 1))
        _ = try session.logits(someTokens(3, below: 17), .last, vocabulary: 17)
        let saved = try session.save().count
        _ = try session.logits(someTokens(3 * 400, below: 17), .last, vocabulary: 17)
        #expect(saved == session.stateBytes + 64)
        #expect(try session.save().count == saved)
    }
}
