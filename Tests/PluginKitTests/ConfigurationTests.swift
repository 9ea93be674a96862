import SequenceModel
import Testing

@testable import PluginKit

@Suite struct ConfigurationTests {
    private func resolve(_ text: String) throws -> TestConfiguration {
        try TestConfiguration.resolve(JSONParser.parse(text), modelTypes: ["test", "older"])
    }

    private func message(_ text: String) -> String {
        do {
            return "accepted: \(try resolve(text))"
        } catch let error as SequenceModelError {
            return error.code == .invalidArgument ? error.message : "code \(error.code)"
        } catch { return "\(error)" }
    }

    @Test func missingKeysTakeTheirDefaultsAndKeysAreSnakeCase() throws {
        let resolved = try resolve("{}").json()
        #expect(
            resolved.description
                == #"{"vocab_size":11,"hidden_size":8,"dropout":0.0,"use_bias":true,"name":"x","mode":"fast","window":8,"modes":null,"inner":{"rate":0.5,"step_count":3},"offset":0}"#
        )
        // What was resolved resolves to itself.
        #expect(try TestConfiguration.resolve(resolved, modelTypes: []).json() == resolved)
    }

    @Test func givenValuesWinAtEveryDepth() throws {
        let c = try resolve(
            #"{"model_type":"older","hidden_size":6e0,"dropout":1,"inner":{"rate":2},"mode":"slow","modes":["fast","slow"],"window":null,"offset":-5}"#)
        #expect((c.hiddenSize, c.dropout, c.inner.rate, c.inner.stepCount) == (6, 1, 2, 3))
        #expect((c.mode, c.modes, c.window, c.offset) == (.slow, [.fast, .slow], 6, -5))
        #expect(try resolve(#"{"width":4}"#).hiddenSize == 4)
    }

    @Test func keysThatMeanNothingHereAreDropped() throws {
        _ = try resolve(#"{"architectures":["X"],"torch_dtype":"float32","attention_dropout":0.1,"transformers_version":"5"}"#)
    }

    @Test(arguments: [
        (#"[1]"#, "the configuration is an array; a JSON object is expected"),
        (#"{"hiden_size":4}"#, #"unknown key "hiden_size"; did you mean "hidden_size"?"#),
        (#"{"inner":{"rat":4}}"#, #"unknown key "inner.rat"; did you mean "inner.rate"?"#),
        (
            #"{"zzzzzzzz":4}"#,
            #"unknown key "zzzzzzzz"; known keys: vocab_size, hidden_size, dropout, use_bias, name, mode, window, modes, inner, offset"#
        ),
        (#"{"hidden_size":"8"}"#, #"hidden_size is "8" (a string); expected: an integer"#),
        (#"{"hidden_size":8.5}"#, "hidden_size is 8.5; allowed: an integer from 1 to 2147483647"),
        (#"{"hidden_size":0}"#, "hidden_size is 0; allowed: an integer from 1 to 2147483647"),
        (#"{"hidden_size":-2}"#, "hidden_size is -2; allowed: an integer from 1 to 2147483647"),
        (#"{"hidden_size":1e30}"#, "hidden_size is 1e+30; allowed: an integer from 1 to 2147483647"),
        (#"{"hidden_size":null}"#, "hidden_size is null; expected: an integer"),
        (#"{"hidden_size":7}"#, "hidden_size is 7; allowed: an even number"),
        (#"{"window":101}"#, "window is 101; allowed: an integer from 1 to 100"),
        (#"{"dropout":true}"#, "dropout is true (a boolean); expected: a number"),
        (#"{"use_bias":1}"#, "use_bias is 1 (an integer); expected: a boolean"),
        (#"{"name":[]}"#, "name is an array; expected: a string"),
        (#"{"mode":"middling"}"#, #"mode is "middling" (a string); expected: "fast" or "slow""#),
        (#"{"modes":["fast",3]}"#, #"modes[1] is 3 (an integer); expected: "fast" or "slow""#),
        (#"{"inner":3}"#, "inner is 3 (an integer); expected: an object"),
        (#"{"inner":{"step_count":"a"}}"#, #"inner.step_count is "a" (a string); expected: an integer"#),
        (#"{"model_type":"llama"}"#, #"model_type is "llama"; allowed: test, older"#),
        (#"{"model_type":3}"#, "model_type is 3; allowed: test, older"),
    ]) func mistakesAreNamed(_ text: String, _ expected: String) {
        #expect(message(text) == expected)
    }

    @Test func keysInSnakeCase() {
        func key(_ text: String) -> String { configurationKey(PlainKey(stringValue: text)) }
        #expect(key("hiddenSize") == "hidden_size")
        #expect(key("numKVHeads") == "num_kv_heads")
        #expect(key("conv1dWidth") == "conv1d_width")
        #expect(key("A_log") == "A_log")
        #expect(key("expand") == "expand")
    }

    @Test func schemaHasTypesDefaultsAndBounds() throws {
        let schema = try TestConfiguration.schema(title: "Test", modelTypes: ["test"])
        let properties = schema["properties"]
        #expect(properties?.objectValue?.keys.count == 10)
        #expect(properties?["hidden_size"]?.description == #"{"type":"integer","default":8,"minimum":1,"maximum":2147483647}"#)
        #expect(
            properties?["window"]?.description
                == #"{"type":["integer","null"],"default":null,"description":"tokens seen","minimum":1,"maximum":100}"#)
        #expect(properties?["mode"]?.description == #"{"type":"string","enum":["fast","slow"],"default":"fast"}"#)
        #expect(properties?["modes"]?["type"]?.description == #"["array","null"]"#)
        #expect(properties?["inner"]?["properties"]?["rate"]?.description == #"{"type":"number","default":0.5}"#)
        #expect(schema["additionalProperties"] == .boolean(false))
        #expect(schema["model_types"]?.description == #"["test"]"#)
    }
}
