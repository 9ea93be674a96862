import Foundation
import PluginHost
import SequenceModel
import Testing
import TestSupport

/// What a plugin says when it is loaded, and what is made of it.
@Suite struct HandshakeTests {
    private func verdict(_ fault: String) throws -> String {
        let path = try TestPlugins.compile("misbehaving.c", defines: [fault])
        return outcome { try Plugin.load(path) }.replacingOccurrences(of: "\(path): ", with: "")
    }

    @Test func honest() throws {
        let path = try TestPlugins.bigram.get()
        let plugin = try Plugin.load(path)
        #expect(plugin.path == path)
        #expect([plugin.name, plugin.version, plugin.abi] == ["bigram-c", "1.0.0", "1.0"])
        #expect(plugin.models.count == 1)
        let description = plugin.models[0].description
        #expect(description.id == "bigram")
        #expect(description.name == "Bigram")
        #expect(description.family == "n-gram")
        #expect(description.likelihood == .exact)
        #expect(description.licence == "Apache-2.0")
        #expect(description.paper.contains("Shannon"))
        #expect(description.capabilities.labels == ["causal", "fixed-state", "session", "predicts"])
        let schema = try JSONParser.parse(description.configurationSchema)
        #expect(schema["properties"]?["vocab_size"]?["default"] == .integer(256))
        let digest = try plugin.sha256()
        #expect(digest.count == 64)
        #expect(try plugin.sha256() == digest)
    }

    @Test func digestIsSHA256() throws {
        let path = try TestPlugins.bigram.get()
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/sha256sum")
        process.arguments = [path]
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        #expect(text.hasPrefix(try Plugin.load(path).sha256() + " "))
    }

    @Test func sameFileIsLoadedOnce() throws {
        let path = try TestPlugins.bigram.get()
        let link = try TemporaryFolder.make() + "/other.so"
        try FileManager.default.linkItem(atPath: path, toPath: link)
        #expect(try Plugin.load(path) === Plugin.load(link))
    }

    @Test func replacedFileIsRefused() throws {
        let path = try TestPlugins.compile("bigram.c")
        _ = try Plugin.load(path)
        let other = try TestPlugins.compile("misbehaving.c", defines: ["VARIANT_OTHER_ID"])
        try #require(rename(other, path) == 0)
        #expect(outcome { try Plugin.load(path) } == "plugin: \(path): was replaced after this process loaded it")
    }

    @Test func undefinedSymbolIsFoundAtOnce() throws {
        let path = try TestPlugins.compile("needs_more.c")
        let text = outcome { try Plugin.load(path) }
        #expect(text.hasPrefix("plugin: \(path): cannot be loaded: "))
        #expect(text.contains("nobody_has_this"))
    }

    @Test(arguments: [
        ("FAULT_MAGIC", "its table begins with 0x12345678 instead of 0x314d5153 (\"SQM1\")"),
        ("FAULT_OLDER_MAJOR", "speaks version 0.7 of the plugin interface; this program speaks 1.0"),
        ("FAULT_NEWER_MAJOR", "speaks version 2.0 of the plugin interface; this program speaks 1.0"),
        (
            "FAULT_REFUSES",
            "refuses this program, which speaks version 1.0 of the plugin interface: needs version 3 of the interface"
        ),
        (
            "FAULT_REFUSES_SILENTLY",
            "refuses this program, which speaks version 1.0 of the plugin interface: "
                + "sm_plugin_query failed with status 3 and no message"
        ),
        (
            "FAULT_SHORT", "its table has 120 bytes and ends before the function bind, which every plugin has"
        ),
        (
            "FAULT_HALF_SLOT", "its table has 124 bytes and ends before the function bind, which every plugin has"
        ),
        ("FAULT_SIZE_ZERO", "its table has struct_size 0; allowed: 16 to 65536"),
        ("FAULT_SIZE_HUGE", "its table has struct_size 2147483647; allowed: 16 to 65536"),
        ("FAULT_NULL_SLOT", "the function parameter of its table is null; every plugin has one"),
        ("FAULT_NO_MODELS", "says that it holds 0 models; allowed: 1 to 256"),
        ("FAULT_MANY_MODELS", "says that it holds 4000000000 models; allowed: 1 to 256"),
        ("FAULT_VERSION_NOT_UTF8", "its version is not UTF-8"),
        ("FAULT_DUPLICATE_IDS", "two of its models have the id bigram"),
        ("FAULT_DESCRIBE_FAILS", "cannot describe itself today"),
        ("FAULT_SILENT_ERROR", "describe failed with status 13 and no message"),
        ("FAULT_ID_NULL", "id of model 0 is empty"),
        ("FAULT_ID_EMPTY", "id of model 0 is empty"),
        ("FAULT_ID_CHARACTERS", "id of model 0 is \"Bi gram\"; allowed: a to z, 0 to 9, _ and -"),
        ("FAULT_ID_NOT_UTF8", "id of model 0 is not UTF-8"),
        ("FAULT_ID_LONG", "id of model 0 is longer than 64 bytes"),
        ("FAULT_NAME_ESCAPES", "name of model 0 holds control characters"),
        ("FAULT_SCHEMA", "configuration schema of model bigram is not a JSON object"),
        ("FAULT_LIKELIHOOD", "likelihood of model bigram is 7; allowed: 0, 1, 2"),
        ("FAULT_PROMISES_GENERATION", "model bigram promises generation but has no sm.generate/1"),
        ("FAULT_NO_SESSION", "model bigram promises sessions but has no sm.session/1"),
        ("FAULT_EXTENSION_SIZE", "the table of sm.session/1 has struct_size 4; allowed: 16 to 65536"),
    ])
    func refuses(fault: String, message: String) throws { #expect(try verdict(fault) == "plugin: \(message)") }

    /// A later minor version is taken for what both sides know.
    @Test func newerMinorIsAcceptedAndCapped() throws {
        let path = try TestPlugins.compile("misbehaving.c", defines: ["VARIANT_NEWER_MINOR"])
        #expect(try Plugin.load(path).abi == "1.0")
        let bigram = try Bigram(path: path)
        #expect(try bigram.model.loss(Batch(rows: 1, length: 1, tokens: [0], targets: [1])).isFinite)
    }

    /// What a plugin may leave out: names, and functions that not every use needs.
    @Test func optionalSlots() throws {
        let path = try TestPlugins.compile("misbehaving.c", defines: ["VARIANT_NULL_OPTIONAL"], named: "libodd.so")
        let plugin = try Plugin.load(path)
        #expect(plugin.name == "libodd.so")
        #expect(plugin.version == "")
        #expect(
            outcome { try plugin.models[0].propose(Budget(parameters: 1000, context: 8)) }
                == "12: bigram does not offer propose")
        let bigram = try Bigram(path: path)
        bigram.model.parametersChanged()
    }
}
