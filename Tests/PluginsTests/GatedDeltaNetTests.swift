import Glibc
import PluginHost
import SequenceModel
import Testing
import Training

/// What Gated DeltaNet promises besides the parity of `FixtureParityTests`.
@Suite struct GatedDeltaNetTests {
    @Test func stateHasTheSizeOfTheCard() throws {
        let model = try BoundModel(
            PluginLibrary.factory("TestTimeMemory", "gated-deltanet"), .object(["num_hidden_layers": .integer(2)]))
        let session = try model.model.openSession(rows: 1)
        _ = try session.logits(someTokens(40, below: 256), .last, vocabulary: model.vocabulary)
        // 4 heads of 48 × 96 numbers, and 3 inputs of convolutions over 2 · 192 + 384 channels.
        #expect(session.stateBytes == 2 * (4 * 48 * 96 + 3 * 768) * 4)
        let bytes = session.stateBytes
        _ = try session.logits(someTokens(600, below: 256), .last, vocabulary: model.vocabulary)
        #expect(session.stateBytes == bytes)
    }

    @Test func firstValuesFollowTheAuthors() throws {
        let model = try BoundModel(
            PluginLibrary.factory("TestTimeMemory", "gated-deltanet"), .object(["num_hidden_layers": .integer(1)]))
        for index in model.memory.ownIndices {
            let declaration = model.memory.declarations[index]
            let values = model.values(model.memory.views[index])
            if declaration.name.hasSuffix("A_log") {
                #expect(values.map(exp).allSatisfy { $0 >= 0.0099 && $0 <= 16.001 } && !declaration.weightDecay)
            }
            if declaration.name.hasSuffix("dt_bias") {
                // softplus of it is a step from [0.001, 0.1]
                #expect(values.map { log1p(exp($0)) }.allSatisfy { $0 > 0.0009 && $0 < 0.101 } && !declaration.weightDecay)
            }
        }
    }
}
