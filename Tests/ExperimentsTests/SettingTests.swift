import Experiments
import PluginHost
import SequenceModel
import Testing

struct SettingTests {
    let models = [
        SettingTable.Keys(
            model: "mamba", training: ["learning_rate", "weight_decay"], configuration: ["hidden_size", "state_size"]),
        SettingTable.Keys(
            model: "transformer", training: ["learning_rate", "weight_decay"],
            configuration: ["hidden_size", "num_attention_heads"]),
    ]

    func refusal(_ text: String) throws -> (code: ZooError.Code, text: String, hint: String?) {
        try #require(message { _ = try SettingTable([SettingOverride(text)], for: models) })
    }

    @Test func parses() throws {
        let one = try SettingOverride("mamba.learning_rate=0.003")
        #expect(one.model == "mamba" && one.key == "learning_rate" && one.value == .number(0.003))
        let all = try SettingOverride("hidden_act=silu")
        #expect(all.model == nil && all.key == "hidden_act" && all.value == .string("silu"))
        #expect(try SettingOverride("layers=[1,2]").value == json("[1, 2]"))
        #expect(try SettingOverride("name=a=b").value == .string("a=b"))
        #expect(try SettingOverride("tied=false").value == .boolean(false))
    }

    @Test(arguments: [
        ("learning_rate", "--set learning_rate: expected KEY=VALUE or MODEL.KEY=VALUE"),
        ("=3", "--set =3: expected KEY=VALUE or MODEL.KEY=VALUE"),
        ("a=", "--set a=: there is no value after '='"),
        (".a=1", "--set .a=1: the model or the key before '=' is empty"),
        ("mamba.=1", "--set mamba.=1: the model or the key before '=' is empty"),
    ])
    func malformed(_ text: String, _ expected: String) throws {
        let error = try refusal(text)
        #expect(error.code == .usage && error.text == expected)
    }

    @Test func unknownModelIsSuggested() throws {
        let error = try refusal("mambo.learning_rate=1")
        #expect(error.code == .usage)
        #expect(error.text == "--set mambo.learning_rate: mambo is not compared; the models are mamba, transformer")
        #expect(error.hint == "did you mean mamba.learning_rate?")
    }

    @Test func unknownKeyIsSuggested() throws {
        let one = try refusal("mamba.leraning_rate=1")
        #expect(one.text == "--set mamba.leraning_rate: mamba has no key leraning_rate")
        #expect(one.hint == "did you mean mamba.learning_rate?")
        let all = try refusal("hiden_size=1")
        #expect(all.text == "--set hiden_size: none of the models has a key hiden_size")
        #expect(all.hint == "did you mean hidden_size?")
        let far = try refusal("mamba.zzzzzz=1")
        #expect(far.hint == "the keys are hidden_size, learning_rate, state_size, weight_decay")
    }

    @Test func budgetIsNotSetHere() throws {
        let error = try refusal("mamba.context=512")
        #expect(error.text == "--set mamba.context: context is part of the budget that all models share")
        #expect(error.hint == "use --context")
    }

    @Test func sortsIntoTrainingAndConfiguration() throws {
        let table = try SettingTable(
            ["mamba.learning_rate=0.1", "hidden_size=64", "state_size=8", "hidden_size=32"].map {
                try SettingOverride($0)
            },
            for: models)
        #expect(table.training.mapValues { "\(JSONValue.object($0))" } == ["mamba": #"{"learning_rate":0.1}"#])
        #expect(
            table.configuration.mapValues { "\(JSONValue.object($0))" }
                == ["mamba": #"{"hidden_size":32,"state_size":8}"#, "transformer": #"{"hidden_size":32}"#])
        #expect(table.remarks == ["--set state_size does not change transformer: no such key there"])
    }

    @Test func whatIsSaidOfOneModelCountsForMore() throws {
        for order in [["mamba.hidden_size=64", "hidden_size=32"], ["hidden_size=32", "mamba.hidden_size=64"]] {
            let table = try SettingTable(order.map { try SettingOverride($0) }, for: models)
            #expect(table.configuration["mamba"]?["hidden_size"] == .integer(64), "\(order)")
            #expect(table.configuration["transformer"]?["hidden_size"] == .integer(32), "\(order)")
        }
    }
}
