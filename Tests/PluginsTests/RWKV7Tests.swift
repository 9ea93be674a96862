import Foundation
import PluginHost
import SequenceModel
import Testing
import Training

/// RWKV-7 against BlinkDL/RWKV-LM@524481d, through the C ABI.
@Suite struct RWKV7Tests {
    private func fixture(_ file: String) throws -> SafetensorsFile {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/off_rwkv7")
        return try SafetensorsFile(path: folder.appendingPathComponent(file).path)
    }

    private func open(_ scalar: TensorView.Scalar) throws -> BoundModel {
        let model = try BoundModel(
            PluginLibrary.factory("RWKV", "rwkv7"),
            .object([
                "vocab_size": .integer(23), "hidden_size": .integer(16), "num_hidden_layers": .integer(3), "head_dim": .integer(8),
                "decay_low_rank_dim": .integer(4), "a_low_rank_dim": .integer(4), "v_low_rank_dim": .integer(4),
                "gate_low_rank_dim": .integer(6),
            ]), scalar: scalar)
        let weights = try fixture("params.safetensors")
        for index in model.memory.ownIndices {
            model.memory.views[index].write(try weights.doubles(model.memory.declarations[index].name))
        }
        model.model.parametersChanged()
        return model
    }

    /// The mean over the next symbols of one text.
    private func batch() throws -> Batch {
        let ids = try fixture("io.safetensors").integers("ids").map { Int32($0) }
        return Batch(rows: 1, length: ids.count, tokens: ids, targets: Array(ids.dropFirst()) + [-1])
    }

    @Test func publishedNamesLoadAsTheyAre() throws {
        let model = try open(.float32)
        let declared = Set(model.memory.ownIndices.map { model.memory.declarations[$0].name })
        #expect(declared == Set(try fixture("params.safetensors").tensors.map(\.name)))
    }

    @Test(arguments: [(TensorView.Scalar.float32, 1e-5), (.float64, 1e-6)])
    func logitsAgree(_ scalar: TensorView.Scalar, _ tolerance: Double) throws {
        let ids = try batch().tokens
        let expected = try fixture("io.safetensors").doubles("logits").map { Float($0) }
        // Logits come out in single precision whatever they were computed in.
        #expect(Double(largestDifference(try open(scalar).logits(ids, rows: 1), expected)) <= tolerance)
    }

    /// In double precision as near as rounding allows, which no error in the equations would leave.
    @Test(arguments: [(TensorView.Scalar.float32, 1e-4), (.float64, 1e-11)])
    func everyGradientAgrees(_ scalar: TensorView.Scalar, _ tolerance: Double) throws {
        let model = try open(scalar)
        let expected = try fixture("grads.safetensors")
        let loss = try model.model.lossAndGradient(batch())
        #expect(abs(loss - 3.7401903283884725) <= (scalar == .float64 ? 1e-13 : 1e-6))
        for index in model.memory.ownIndices {
            let name = model.memory.declarations[index].name
            #expect(relativeError(try model.gradient(index), try expected.doubles(name)) <= tolerance, "gradient of \(name)")
        }
    }

    /// The published model of 0.4 billion parameters, with other settings besides.
    private func published(_ others: [String: JSONValue]) throws -> any SequenceModel {
        var configuration: JSONObject = [
            "vocab_size": .integer(65536), "hidden_size": .integer(1024), "num_hidden_layers": .integer(24), "head_dim": .integer(64),
            "decay_low_rank_dim": .integer(64), "a_low_rank_dim": .integer(64), "v_low_rank_dim": .integer(32),
            "gate_low_rank_dim": .integer(128),
        ]
        for (key, value) in others { configuration[key] = value }
        return try PluginLibrary.factory("RWKV", "rwkv7").create(.object(configuration), services: NoHostServices())
    }

    /// Its files have three tensors in the first block that nothing uses.
    @Test func thePublishedModelHasItsParameters() throws {
        for (isWhole, expected) in [(true, 450_834_432), (false, 450_767_872)] {
            let model = try published(["first_layer_value_residual": .boolean(isWhole)])
            #expect(model.parameters.reduce(0) { $0 + ($1.tiedTo == nil ? $1.count : 0) } == expected)
        }
    }

    /// Its state is measured on a model with as wide and as many layers; the vocabulary and the feed-forward width are none of its concern.
    @Test func thePublishedModelHasItsState() throws {
        let model = try published(["vocab_size": .integer(2), "intermediate_size": .integer(8)])
        // Memory that is never written takes none.
        let memory = try ParameterMemory(for: model, gradients: false)
        try memory.bind(to: model)
        #expect(try model.openSession(rows: 1).stateBytes == 1_622_016 * 4)
    }

    @Test func stateHasTheSameSizeWhateverWasRead() throws {
        let model = try open(.float32)
        let session = try model.model.openSession(rows: 1)
        _ = try session.logits([1], .last, vocabulary: 23)
        let bytes = (session.stateBytes, try session.save().count)
        // 3 layers, 2 heads of 8 × 8 numbers and two tokens of 16.
        #expect(bytes.0 == 3 * (2 * 64 + 2 * 16) * 4)
        _ = try session.logits(someTokens(600, below: 23), .last, vocabulary: 23)
        #expect(session.stateBytes == bytes.0)
        #expect(try session.save().count == bytes.1)
    }

    @Test func agreesWithASecondImplementation() throws {
        let text = try ProbedText(
            "RWKV", "rwkv7", #"{"vocab_size":13,"hidden_size":12,"num_hidden_layers":3,"head_dim":6,"gate_low_rank_dim":5}"#)
        let batch = Batch(rows: 2, length: 19, tokens: someTokens(38, below: 13))
        var slow = SlowRWKV7(layers: 3, width: 12, headSize: 6) { text[$0] }
        let expected = (0 ..< 2).flatMap { row in slow.logits(Array(batch.tokens[row * 19 ..< (row + 1) * 19])).flatMap { $0 } }
        #expect(largestDifference(try text.bound.logits(batch.tokens, rows: 2), expected.map { Float($0) }) <= 1e-4)
        let means = slow.decays.map { $0.reduce(0, +) / Double($0.count) }
        #expect(isNear(try text.values("decay", batch), means, 1e-9))
    }

    @Test func theSelfTestIsThatOfTheSecondImplementation() throws {
        let test = try ProbedText("RWKV", "rwkv7", "{}").selfTest("decay")
        let text = try ProbedText("RWKV", "rwkv7", test.configuration.description, asInSelfTests: true)
        var slow = SlowRWKV7(layers: 2, width: 8, headSize: 4) { text[$0] }
        for row in 0 ..< 2 { _ = slow.logits(Array(test.batch.tokens[row * 8 ..< (row + 1) * 8])) }
        #expect(isNear(test.expected, slow.decays.map { $0.reduce(0, +) / Double($0.count) }, 1e-6))
    }
}
