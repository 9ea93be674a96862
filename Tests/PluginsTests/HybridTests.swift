import Foundation
import PluginHost
import SequenceModel
import Testing

/// Mixers by a pattern.
@Suite struct HybridTests {
    private func configuration(_ pattern: String?, _ more: [(String, JSONValue)] = []) -> JSONValue {
        var object: JSONObject = [
            "vocab_size": .integer(23), "hidden_size": .integer(16), "intermediate_size": .integer(24), "num_hidden_layers": .integer(3),
            "num_attention_heads": .integer(2), "sliding_window": .integer(5),
        ]
        if let pattern { object["pattern"] = .string(pattern) }
        for (key, value) in more { object[key] = value }
        return .object(object)
    }

    private func names(_ pattern: String) throws -> [String] {
        let model = try PluginLibrary.factory("Hybrid", "hybrid").create(configuration(pattern), services: NoHostServices())
        return model.parameters.map(\.name)
    }

    private func refusal(_ pattern: String) throws -> String {
        let error = #expect(throws: SequenceModelError.self) {
            try PluginLibrary.factory("Hybrid", "hybrid").resolve(configuration(pattern))
        }
        #expect(error?.code == .invalidArgument)
        return error?.message ?? ""
    }

    /// With attention alone it is the transformer, to the bit.
    @Test func attentionAloneIsTheTransformer() throws {
        let hybrid = try BoundModel(PluginLibrary.factory("Hybrid", "hybrid"), configuration("attention window*2"))
        let transformer = try BoundModel(
            PluginLibrary.factory("Transformer", "transformer"),
            .object([
                "vocab_size": .integer(23), "hidden_size": .integer(16), "intermediate_size": .integer(24),
                "num_hidden_layers": .integer(3), "num_attention_heads": .integer(2), "sliding_window": .integer(5),
                "layer_types": .array([.string("full_attention"), .string("sliding_attention"), .string("sliding_attention")]),
            ]))
        hybrid.scaleMatrices(by: 5)
        for index in transformer.memory.ownIndices {
            let name = transformer.memory.declarations[index].name
                .replacingOccurrences(of: "post_attention_layernorm", with: "post_mixer_layernorm")
            let other = try #require(hybrid.memory.declarations.firstIndex { $0.name == name })
            transformer.memory.views[index].write(hybrid.values(hybrid.memory.views[other]))
        }
        transformer.model.parametersChanged()
        let tokens = someTokens(2 * 19, below: 23)
        #expect(try hybrid.logits(tokens, rows: 2) == transformer.logits(tokens, rows: 2))
    }

    @Test func feedForwardsStandWhereThePatternSays() throws {
        func fed(_ pattern: String) throws -> [Int] {
            let names = try names(pattern)
            return (0 ..< 3).map { layer in names.count { $0.hasPrefix("model.layers.\(layer).mlp") } / 3 }
        }
        #expect(try fed("attention") == [1, 1, 1])
        #expect(try fed("attention*2 mlp") == [0, 1, 0])
        #expect(try fed("attention mlp*2 window") == [2, 0, 2])
        #expect(try fed("mlp attention") == [1, 1, 1])
        #expect(try names("attention × 3".replacingOccurrences(of: " × ", with: "×")) == names("attention*3"))
    }

    @Test func unknownNamesComeWithTheNearest() throws {
        #expect(try refusal("attenton").contains("\"attenton\", which is no mixer; did you mean \"attention\"?"))
        #expect(try refusal("mamba3").contains("\"mamba3\", which is no mixer; did you mean \"mamba"))
        #expect(try refusal("attention*0").contains("attention*0"))
        #expect(try refusal("attention*x").contains("attention*x"))
        #expect(try refusal("attention*99999").contains("1 to 4096"))
        #expect(try refusal("").contains("at least one of"))
        #expect(try refusal("mlp").contains("at least one of"))
    }

    /// Presets stand for the keys that are null, and give way to those that are not.
    @Test func presetsStandForWhatIsNotSaid() throws {
        let factory = try PluginLibrary.factory("Hybrid", "hybrid")
        func declared(_ more: [(String, JSONValue)]) throws -> [String] {
            let resolved = try factory.resolve(configuration(nil, more + [("num_hidden_layers", .integer(8))]))
            #expect(try factory.resolve(resolved) == resolved)
            return try factory.create(resolved, services: NoHostServices()).parameters.map { "\($0.name)\($0.shape)" }
        }
        for (preset, pattern) in [
            ("samba", "mamba mlp window mlp"), ("jamba", "mamba*4 attention mamba*3"), ("titans", "titans window"),
        ] {
            let one = try declared([("preset", .string(preset))])
            #expect(try one == declared([("pattern", .string(pattern))]))
            #expect(try one != declared([]))
        }
        #expect(try declared([]) == declared([("pattern", .string("mamba2*3 attention"))]))
        #expect(
            try declared([("preset", .string("samba")), ("pattern", .string("attention"))]) == declared([("pattern", .string("attention"))]))
    }

    /// Without positions attention cannot tell an order apart: the last logits of two orders of the same past are the same.
    @Test func attentionWithoutPositionsForgetsTheOrder() throws {
        for (positions, isBlind) in [("none", true), ("rotary", false)] {
            let model = try BoundModel(
                PluginLibrary.factory("Hybrid", "hybrid"),
                configuration("attention", [("attention_positions", .string(positions)), ("num_hidden_layers", .integer(1))]))
            model.scaleMatrices(by: 20)
            let a = try model.logits([3, 7, 11, 2, 5], rows: 1).suffix(23), b = try model.logits([11, 2, 7, 3, 5], rows: 1).suffix(23)
            #expect((largestDifference(Array(a), Array(b)) < 1e-5) == isBlind, "\(positions)")
        }
    }
}
