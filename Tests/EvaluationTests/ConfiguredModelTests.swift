import Foundation
import PluginHost
import SequenceModel
import Testing

@testable import Evaluation

@Suite("Models from a configuration file")
struct ConfiguredModelTests {
    @Test(
        "what is wrong with the file is said with its name",
        arguments: [
            ("", "is empty"), ("[1]", "must be a JSON object, not an array"), ("{\"hidden_size\": 1", "line 1"),
            ("{\"hidden_size\": 1}", "has no \"model_type\""), ("{\"model_type\": \"llamma\"}", "there is no model llamma"),
        ])
    func refuses(text: String, message: String) throws {
        let path = NSTemporaryDirectory() + "zoo-configuration-\(UUID().uuidString).json"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let error = #expect(throws: ZooError.self) {
            try ConfiguredModel(
                path: path, catalogue: PluginCatalogue(searchPath: []), services: NoHostServices(), gradients: false)
        }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
        #expect(error?.code.exitStatus == 2)
    }

    @Test("a file that is not there is refused")
    func missing() {
        let error = #expect(throws: ZooError.self) {
            try ConfiguredModel(
                path: "/nonexistent/model.json", catalogue: PluginCatalogue(searchPath: []), services: NoHostServices(),
                gradients: false)
        }
        #expect(error?.message.contains("/nonexistent/model.json") == true)
        #expect(error?.code == .data)
    }
}
