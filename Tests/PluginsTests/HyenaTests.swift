import PluginHost
import SequenceModel
import Testing

/// What Hyena's two kinds of filter promise of length and state.
@Suite struct HyenaTests {
    private func open(_ filter: String) throws -> BoundModel {
        let text = #"{"vocab_size":23,"d_model":16,"n_layer":2,"order":3,"l_max":40,"filter_order":8,"emb_dim":5,"state_size":4,"filter":"\#(filter)"}"#
        return try BoundModel(PluginLibrary.factory("Hyena", "hyena"), JSONParser.parse(text))
    }

    @Test func implicitFiltersRefuseWhatIsLongerThanTheyAre() throws {
        let model = try open("implicit")
        #expect(model.model.shape.maximumTokens == 40)
        _ = try model.logits(someTokens(40, below: 23), rows: 1)
        let tooLong = #expect(throws: SequenceModelError.self) { try model.logits(someTokens(41, below: 23), rows: 1) }
        #expect(tooLong?.code == .invalidArgument && tooLong?.message.contains("40") == true, "\(tooLong?.message ?? "")")
        let session = try model.model.openSession(rows: 1)
        _ = try session.logits(someTokens(40, below: 23), .last, vocabulary: 23)
        let atTheEnd = #expect(throws: SequenceModelError.self) { try session.logits([1], .last, vocabulary: 23) }
        #expect(atTheEnd?.message.contains("40") == true, "\(atTheEnd?.message ?? "")")
        #expect(session.position == 40)
    }

    @Test func implicitStatesGrowByTheInputsOfTheLongConvolutions() throws {
        let session = try open("implicit").model.openSession(rows: 1)
        var sizes: [Int] = []
        for _ in 0 ..< 3 {
            _ = try session.logits(someTokens(10, below: 23), .last, vocabulary: 23)
            sizes.append(session.stateBytes)
            #expect(try session.save().count >= session.stateBytes)
        }
        // 2 layers, 2 long convolutions, 16 channels, float32; all but the growing part is constant.
        #expect(sizes[1] - sizes[0] == 10 * 2 * 2 * 16 * 4 && sizes[2] - sizes[1] == sizes[1] - sizes[0])
    }

    @Test func modalStatesDoNotGrowAndHaveNoEnd() throws {
        let model = try open("modal")
        #expect(model.model.shape.maximumTokens == nil)
        let session = try model.model.openSession(rows: 1)
        _ = try session.logits([1], .last, vocabulary: 23)
        // 2 layers: 2 inputs of a convolution over 4 · 16 channels, and 2 · 16 channels with 4 complex numbers each, float32.
        #expect(session.stateBytes == 2 * (2 * 64 + 2 * 16 * 4 * 2) * 4)
        let bytes = session.stateBytes
        _ = try session.logits(someTokens(700, below: 23), .last, vocabulary: 23)
        #expect(session.stateBytes == bytes)
        #expect(try model.logits(someTokens(90, below: 23), rows: 1).allSatisfy(\.isFinite))
    }
}
