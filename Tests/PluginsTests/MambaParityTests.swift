import Glibc
import PluginHost
import SequenceModel
import Testing
import Training

/// Mamba against `MambaForCausalLM` of transformers 5.23.0, through the C ABI.
@Suite struct MambaParityTests {
    private func open() throws -> (ParityFixture, BoundModel) {
        let fixture = try ParityFixture("MambaForCausalLM")
        let model = try BoundModel(PluginLibrary.factory("StateSpace", "mamba"), fixture.configuration)
        try model.load(fixture.weights)
        return (fixture, model)
    }

    @Test func publishedNamesLoadAsTheyAre() throws {
        let (fixture, model) = try open()
        let declared = Set(model.memory.ownIndices.map { model.memory.declarations[$0].name })
        #expect(declared == Set(fixture.weights.tensors.map(\.name)))
    }

    @Test func logitsAgree() throws {
        let (fixture, model) = try open()
        #expect(largestDifference(try model.logits(fixture.ids, rows: 2), fixture.logits) <= 1e-4)
    }

    @Test func lossAndEveryGradientAgree() throws {
        let (fixture, model) = try open()
        #expect(abs(try model.model.lossAndGradient(fixture.batch) - fixture.loss) <= 1e-5)
        for index in model.memory.ownIndices {
            let name = model.memory.declarations[index].name
            let expected = try fixture.gradients.floats(name).map(Double.init)
            #expect(relativeError(try model.gradient(index), expected) <= 1e-3, "gradient of \(name)")
        }
    }

    @Test func stateHasTheSameSizeWhateverWasRead() throws {
        let (_, model) = try open()
        let session = try model.model.openSession(rows: 1)
        _ = try session.logits([1], .last, vocabulary: model.vocabulary)
        let bytes = (session.stateBytes, try session.save().count)
        // 2 layers, 64 channels, 8 numbers each and 3 inputs of the convolution, float32.
        #expect(bytes.0 == 2 * 64 * (8 + 3) * 4)
        _ = try session.logits(someTokens(600, below: 97), .last, vocabulary: model.vocabulary)
        #expect(session.stateBytes == bytes.0)
        #expect(try session.save().count == bytes.1)
    }

    @Test func firstValuesFollowThePaper() throws {
        let model = try BoundModel(
            PluginLibrary.factory("StateSpace", "mamba"),
            .object(["hidden_size": .integer(32), "num_hidden_layers": .integer(1), "state_size": .integer(4)]))
        for index in model.memory.ownIndices {
            let declaration = model.memory.declarations[index]
            let values = model.values(model.memory.views[index])
            if declaration.name.hasSuffix("A_log") {
                #expect(abs(values[3] - 1.386294361) < 1e-6 && values[4] == 0)
                #expect(!declaration.weightDecay)
            }
            if declaration.name.hasSuffix("dt_proj.bias") {
                // softplus of it is a step from [0.001, 0.1]
                let steps = values.map { log1p(exp($0)) }
                #expect(steps.allSatisfy { $0 > 0.0009 && $0 < 0.101 })
            }
        }
    }
}
