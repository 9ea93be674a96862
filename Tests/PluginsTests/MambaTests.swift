import Glibc
import PluginHost
import SequenceModel
import Testing
import Training

/// What Mamba promises besides the parity of `FixtureParityTests`.
@Suite struct MambaTests {
    @Test func stateHasTheSameSizeWhateverWasRead() throws {
        let (_, model) = try PublishedClass.mamba.open()
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
