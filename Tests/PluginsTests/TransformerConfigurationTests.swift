import PluginHost
import SequenceModel
import Testing

@Suite struct TransformerConfigurationTests {
    private func factory() throws -> any ModelFactory { try PluginLibrary.factory("Transformer", "transformer") }

    private func resolve(_ text: String) throws -> JSONValue { try factory().resolve(JSONParser.parse(text)) }

    private func refusal(_ text: String) -> String {
        do {
            return "accepted: \(try resolve(text))"
        } catch let error as SequenceModelError where error.code == .invalidArgument {
            return error.message
        } catch { return "\(error)" }
    }

    @Test func defaultsAreFilledIn() throws {
        #expect(
            try resolve("{}").description
                == #"{"vocab_size":256,"hidden_size":256,"intermediate_size":688,"num_hidden_layers":4,"num_attention_heads":4,"#
                + #""num_key_value_heads":4,"head_dim":64,"hidden_act":"silu","max_position_embeddings":2048,"rms_norm_eps":1e-06,"#
                + #""rope_parameters":{"rope_theta":10000.0,"rope_type":"default"},"sliding_window":null,"layer_types":null,"#
                + #""tie_word_embeddings":false,"attention_bias":false,"mlp_bias":false,"initializer_range":0.02,"initialization":"scaled"}"#
        )
    }

    @Test func olderAndForeignSpellingsAreRead() throws {
        let older = try resolve(#"{"model_type":"llama","rope_theta":5e5,"rope_scaling":null,"pretraining_tp":1,"num_key_value_heads":null}"#)
        #expect(older["rope_parameters"]?["rope_theta"] == .number(500_000))
        #expect(older["num_key_value_heads"] == .integer(4))
        #expect(older["sliding_window"] == .null)
        #expect(try resolve(#"{"model_type":"mistral"}"#)["sliding_window"] == .integer(4096))
        #expect(try resolve(#"{"model_type":"mistral","sliding_window":null}"#)["sliding_window"] == .null)
        #expect(try resolve(older.description) == older)
    }

    @Test(arguments: [
        (#"{"model_type":"mamba"}"#, #"model_type is "mamba"; allowed: transformer, llama, mistral"#),
        (#"{"hiden_size":64}"#, #"unknown key "hiden_size"; did you mean "hidden_size"?"#),
        (#"{"num_attention_heads":3}"#, "hidden_size is 256; allowed: a multiple of num_attention_heads (3) unless head_dim is given"),
        (#"{"num_attention_heads":0}"#, "num_attention_heads is 0; allowed: an integer from 1 to 65536"),
        (#"{"num_key_value_heads":3}"#, "num_key_value_heads is 3; allowed: a divisor of num_attention_heads (4)"),
        (#"{"num_key_value_heads":0}"#, "num_key_value_heads is 0; allowed: an integer from 1 to 65536"),
        (#"{"head_dim":7}"#, "head_dim is 7; allowed: an even number (rotary positions turn pairs)"),
        (#"{"num_hidden_layers":1099511627776}"#, "num_hidden_layers is 1099511627776; allowed: an integer from 1 to 4096"),
        (#"{"hidden_act":"gelu"}"#, #"hidden_act is "gelu" (a string); expected: "silu""#),
        (
            #"{"rope_parameters":{"rope_type":"yarn"}}"#,
            #"rope_parameters.rope_type is "yarn" (a string); expected: "default""#
        ),
        (
            #"{"rope_scaling":{"type":"linear","factor":2}}"#,
            #"rope_scaling is {"type":"linear","factor":2}; allowed: null (scaled rotary positions are not implemented)"#
        ),
        (#"{"layer_types":["full_attention"]}"#, "layer_types is a list of 1; allowed: as many as num_hidden_layers (4)"),
        (
            #"{"num_hidden_layers":1,"layer_types":["sliding_attention"]}"#,
            "sliding_window is null; allowed: an integer, since layer_types has sliding_attention"
        ),
        (
            #"{"hidden_size":2147483646,"num_attention_heads":1,"intermediate_size":2147483647}"#,
            "the parameter model.layers.0.self_attn.q_proj.weight of 2147483646 × 2147483646 values; sizes are at least 1, a model has at most 2^44 values"
        ),
    ]) func mistakesAreNamed(_ text: String, _ expected: String) {
        #expect(refusal(text) == expected)
    }

    @Test func aliasesAreInTheSchema() throws {
        let schema = try JSONParser.parse(factory().description.configurationSchema)
        #expect(schema["model_types"]?.description == #"["transformer","llama","mistral"]"#)
        #expect(schema["properties"]?["sliding_window"]?["type"]?.description == #"["integer","null"]"#)
    }

    @Test(arguments: [20_000, 60_000, 300_000, 1_000_000, 3_000_000, 10_000_000, 125_000_000], [2, 97, 256])
    func budgetsAreMetWithinFivePercent(_ parameters: Int, _ alphabet: Int) throws {
        let factory = try factory()
        let proposal = try factory.propose(Budget(parameters: parameters, alphabet: alphabet, context: 256))
        let model = try factory.create(proposal, services: NoHostServices())
        let count = model.parameters.reduce(0) { $0 + ($1.tiedTo == nil ? $1.count : 0) }
        #expect(abs(Double(count) / Double(parameters) - 1) <= 0.05)
        #expect(model.shape.vocabulary == alphabet)
        #expect(proposal["hidden_size"]?.integerValue.map { $0 % 8 } == 0)
    }

    @Test func impossibleBudgetsAreRefusedWithWhatIsPossible() throws {
        func refusal(_ parameters: Int, _ alphabet: Int) -> String {
            do {
                return "\(try factory().propose(Budget(parameters: parameters, alphabet: alphabet, context: 8)))"
            } catch { return "\(error)" }
        }
        #expect(refusal(10, 256).hasPrefix("no configuration of transformer has 10 parameters within 5 % for 256 symbols; smallest possible: "))
        #expect(refusal(100_000, 50_000).contains("smallest possible: 80"))
        #expect(refusal(1 << 50, 256).contains("largest possible: "))
    }
}
