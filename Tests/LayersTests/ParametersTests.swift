import Layers
import SequenceModel
import Testing

@Suite struct ParametersTests {
    @Test func namesShapesAndContractStandWhereTheLayerStands() throws {
        let p = Parameters()
        let block = p.scope("model").scope("layers.0")
        let linear = block.linear("q_proj", 6, 4, bias: true)
        let embedding = p.embedding("embed", 10, 6)
        _ = block.rmsNorm("norm", 6)
        _ = block.layerNorm("after", 6)
        _ = block.shortConvolution("conv", channels: 6, width: 4)
        let head = p.tiedLinear("head", to: embedding)
        try p.check()
        #expect(
            p.all.map(\.declaration.name) == [
                "model.layers.0.q_proj.weight", "model.layers.0.q_proj.bias", "embed.weight", "model.layers.0.norm.weight",
                "model.layers.0.after.weight", "model.layers.0.after.bias", "model.layers.0.conv.weight",
                "model.layers.0.conv.bias", "head.weight",
            ])
        #expect(p.all.map(\.shape) == [[4, 6], [4], [10, 6], [6], [6], [6], [6, 1, 4], [6], [10, 6]])
        #expect(p.all.map(\.declaration.weightDecay) == [true, false, true, false, false, false, true, false, true])
        #expect(p.all.last?.declaration.tiedTo == 2)
        #expect(head.weight.tiedTo === embedding.weight)
        #expect((linear.inputs, linear.outputs) == (6, 4))
        // Tied values are counted once.
        #expect(p.valueCount == 136)
    }

    @Test func numbersOfParametersAreThoseOfTheDocumentation() throws {
        let (width, hidden, heads, shared, headWidth) = (12, 20, 6, 2, 4)
        let feedForward = Parameters()
        _ = FeedForward(feedForward, width: width, hidden: hidden)
        #expect(feedForward.valueCount == 3 * width * hidden)
        let attention = Parameters()
        _ = SelfAttention(
            attention, .init(width: width, heads: heads, keyValueHeads: shared, headWidth: headWidth), rotary: nil)
        #expect(attention.valueCount == 2 * width * headWidth * (heads + shared))
        #expect(attention.all.map(\.declaration.name) == ["q_proj.weight", "k_proj.weight", "v_proj.weight", "o_proj.weight"])
        let convolution = Parameters()
        _ = convolution.shortConvolution("conv", channels: 5, width: 3)
        #expect(convolution.valueCount == 5 * (3 + 1))
    }

    private func message(_ body: (Parameters) -> Void) -> String {
        let p = Parameters()
        body(p)
        do {
            try p.check()
            return "accepted"
        } catch { return "\(error)" }
    }

    @Test func impossibleDeclarationsAreRefusedByName() {
        #expect(
            message { _ = $0.linear("a", 0, 4) }
                == "the parameter a.weight of 4 × 0 values; sizes are at least 1, a model has at most 2^44 values")
        #expect(message { _ = $0.linear("a", -3, 4) }.hasPrefix("the parameter a.weight of 4 × -3 values"))
        #expect(message { _ = $0.linear("a", .max, .max) }.hasPrefix("the parameter a.weight of"))
        #expect(
            message {
                _ = $0.rmsNorm("n", 4)
                _ = $0.rmsNorm("n", 4)
            } == "the parameter n.weight is declared twice")
        #expect(message { _ = $0.layers("layers", .max) { p, _ in p.rmsNorm("n", 4) } }.hasPrefix("layers: 9223372036854775807 layers"))
        #expect(message { _ = $0.layers("layers", -1) { p, _ in p.rmsNorm("n", 4) } }.hasPrefix("layers: -1 layers"))
        #expect(message { _ = $0.layers("layers", 1 << 17) { p, _ in p.layerNorm("n", 4) } } == "more than 131072 parameters")
    }

    @Test func customInitialisersKeepTheirClosure() throws {
        let p = Parameters()
        let parameter = p.parameter("a", shape: [2, 2], weightDecay: false, learningRateMultiplier: 0.5) { stream in
            (0 ..< 4).map { _ in stream.uniform() }
        }
        #expect(parameter.declaration.initialiser == .custom)
        #expect(parameter.declaration.learningRateMultiplier == 0.5)
        #expect(!parameter.declaration.weightDecay)
        var stream = RandomKey(seed: 3).stream
        var same = RandomKey(seed: 3).stream
        #expect(parameter.custom?(&stream) == (0 ..< 4).map { _ in same.uniform() })
    }
}
