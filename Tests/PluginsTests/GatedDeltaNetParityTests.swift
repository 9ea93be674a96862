import Glibc
import PluginHost
import SequenceModel
import Testing
import Training

/// Gated DeltaNet between full attention against `OlmoHybridForCausalLM` of transformers 5.23.0, through the C ABI.
@Suite struct GatedDeltaNetParityTests {
    private func open() throws -> (ParityFixture, BoundModel) {
        let fixture = try ParityFixture("OlmoHybridForCausalLM")
        let model = try BoundModel(PluginLibrary.factory("TestTimeMemory", "gated-deltanet"), fixture.configuration)
        try model.load(fixture.weights)
        return (fixture, model)
    }

    @Test func publishedNamesAndShapesLoadAsTheyAre() throws {
        let (fixture, model) = try open()
        let declared = Set(model.memory.ownIndices.map { model.memory.declarations[$0].name })
        #expect(declared == Set(fixture.weights.tensors.map(\.name)))
        for index in model.memory.ownIndices {
            let declaration = model.memory.declarations[index]
            #expect(fixture.weights[declaration.name]?.shape == declaration.shape)
        }
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

    @Test func greedyContinuationIsTheSame() throws {
        let (fixture, model) = try open()
        let length = fixture.greedy.count / 2
        let prompt = zip(fixture.greedy[..<length], fixture.ids[..<(fixture.ids.count / 2)]).prefix { $0 == $1 }.count
        #expect(prompt >= 1 && prompt < length)
        for row in 0 ..< 2 {
            let expected = Array(fixture.greedy[row * length ..< (row + 1) * length])
            let session = try model.model.openSession(rows: 1)
            var text = Array(expected[..<prompt])
            var logits = try session.logits(text, .last, vocabulary: model.vocabulary)
            while text.count < length {
                let next = Int32(logits.indices.max { logits[$0] < logits[$1] } ?? 0)
                text.append(next)
                logits = try session.logits([next], .last, vocabulary: model.vocabulary)
            }
            #expect(text == expected)
        }
    }

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
