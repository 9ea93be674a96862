import PluginHost
import Testing

@testable import zoo

/// One name in the forms that a project needs.
struct ProjectNameTests {
    @Test(arguments: [
        ("mine", "Mine", "mine", "mine"), ("my-model", "MyModel", "my-model", "my_model"),
        ("My_Model", "MyModel", "my-model", "my_model"), ("myModel2", "MyModel2", "my-model2", "my_model2"),
        ("RWKVLite", "RWKVLite", "rwkv-lite", "rwkv_lite"), ("LSTM", "LSTM", "lstm", "lstm"), ("h3-", "H3", "h3", "h3"),
    ])
    func forms(_ name: String, _ type: String, _ id: String, _ file: String) throws {
        let found = try ProjectName(name)
        #expect(found.type == type && found.id == id && found.file == file)
    }

    @Test func theIdMayBeGiven() throws {
        let name = try ProjectName("Mine", id: "mine-2")
        #expect(name.type == "Mine" && name.id == "mine-2" && name.file == "mine_2")
    }

    @Test(arguments: ["", "2fast", "-x", "_x", "a b", "é", "a.b", "a/b", String(repeating: "a", count: 61)])
    func refused(_ name: String) {
        #expect(throws: ZooError.self) { try ProjectName(name) }
    }

    @Test(arguments: ["", "Mine", "2", "a b"])
    func refusedIds(_ id: String) {
        #expect(throws: ZooError.self) { try ProjectName("mine", id: id) }
    }
}
