import Glibc
import PluginHost
import SequenceModel
import Testing
import Training

/// What Mamba-2 promises besides the parity of `FixtureParityTests`.
@Suite struct Mamba2Tests {
    @Test func infinityMayBeWrittenInThreeWays() throws {
        let factory = try PluginLibrary.factory("StateSpace", "mamba2")
        let texts = [#"[0.25, {"__float__": "Infinity"}]"#, #"[0.25, "Infinity"]"#, "[0.25, 0]"]
        let resolved = try texts.map { try factory.resolve(JSONParser.parse(#"{"time_step_limit": \#($0)}"#)) }
        #expect(resolved[0] == resolved[1] && resolved[1] == resolved[2])
        for bad in ["[0.5, 0.25]", "[-1, 0]", "[1]", "[0, 1, 2]", #"["Infinity", 0]"#, "3"] {
            let text = #"{"time_step_limit": \#(bad)}"#
            #expect(throws: SequenceModelError.self, "\(bad)") { try factory.resolve(JSONParser.parse(text)) }
        }
    }

    @Test func stateHasTheSameSizeWhateverWasRead() throws {
        let (_, model) = try PublishedClass.mamba2.open()
        let session = try model.model.openSession(rows: 1)
        _ = try session.logits([1], .last, vocabulary: model.vocabulary)
        let bytes = (session.stateBytes, try session.save().count)
        // 2 layers: 4 heads of 16 x 16, and 3 inputs of a convolution over 64 + 2 * 2 * 16 channels, float32.
        #expect(bytes.0 == 2 * (4 * 16 * 16 + 3 * 128) * 4)
        _ = try session.logits(someTokens(600, below: 97), .last, vocabulary: model.vocabulary)
        #expect(session.stateBytes == bytes.0)
        #expect(try session.save().count == bytes.1)
    }

    @Test func firstValuesFollowThePaper() throws {
        let model = try BoundModel(
            PluginLibrary.factory("StateSpace", "mamba2"),
            .object(["hidden_size": .integer(512), "num_hidden_layers": .integer(1), "head_dim": .integer(8)]))
        var seen = 0
        for index in model.memory.ownIndices {
            let declaration = model.memory.declarations[index]
            let values = model.values(model.memory.views[index])
            if declaration.name.hasSuffix("A_log") {
                // A is uniform in [1, 16], 128 draws of it.
                let a = values.map { exp($0) }
                #expect(a.allSatisfy { $0 >= 1 && $0 <= 16.001 } && abs(a.reduce(0, +) / 128 - 8.5) < 1.5)
                #expect(!declaration.weightDecay)
                seen += 1
            }
            if declaration.name.hasSuffix("dt_bias") {
                #expect(values.map { log1p(exp($0)) }.allSatisfy { $0 > 0.0009 && $0 < 0.101 })
                seen += 1
            }
            if declaration.name.hasSuffix(".D") { #expect(values.allSatisfy { $0 == 1 } && !declaration.weightDecay) }
        }
        #expect(seen == 2)
    }
}
