import Foundation
import SequenceModel
import TestSupport
import Testing

/// `zoo list` and `zoo doctor` as a user starts them.
@Suite struct ListTests {
    private func items(_ text: String) throws -> [JSONValue] { try #require(JSONParser.parse(text).arrayValue) }

    /// One folder under Plugins is one plugin: built, found, loadable.
    @Test func everyPluginFolderIsBuiltAndFound() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Plugins")
        let folders = try FileManager.default.contentsOfDirectory(
            at: root, includingPropertiesForKeys: [.isDirectoryKey]
        ).filter { try $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true }.map(\.lastPathComponent)
        #expect(!folders.isEmpty)
        let result = try ZooProcess.run("list", "--json")
        let found = Set(
            try items(result.output).compactMap {
                $0["plugin"]?.stringValue.map { URL(fileURLWithPath: $0).lastPathComponent }
            })
        for folder in folders { #expect(found.contains("lib\(folder).so"), "Plugins/\(folder)") }
        #expect(result.status == 0)
        #expect(result.errors == "")
    }

    @Test func keysOfTheJSON() throws {
        let result = try ZooProcess.run("list", "--json", "--plugins", TestPlugins.bigram.get())
        let bigram = try #require(try items(result.output).first { $0["id"] == .string("bigram") })
        #expect(
            bigram.objectValue?.keys == [
                "id", "name", "family", "likelihood", "plugin", "plugin_name", "plugin_version", "plugin_sha256", "abi",
                "summary", "paper", "licence", "capabilities", "configuration_schema", "probes",
            ])
        #expect(bigram["plugin"]?.stringValue == (try? TestPlugins.bigram.get()))
        #expect(bigram["likelihood"] == .string("exact"))
        #expect(bigram["plugin_sha256"]?.stringValue?.count == 64)
        #expect(bigram["configuration_schema"]?["properties"]?["vocab_size"]?["default"]?.integerValue == 256)
    }

    @Test func table() throws {
        let result = try ZooProcess.run("list", "--plugins", TestPlugins.bigram.get())
        let lines = result.output.split(separator: "\n")
        #expect(lines.first?.hasPrefix("ID ") == true)
        #expect(lines.contains { $0.hasPrefix("bigram ") && $0.contains("n-gram") && $0.contains("causal,fixed-state") })
        #expect(result.status == 0)
    }

    /// A broken plugin is told of and does not hide the others, not even when it dies while it is loaded.
    @Test func brokenPluginsAreWarnings() throws {
        let broken = try TestPlugins.compile("misbehaving.c", defines: ["FAULT_NEWER_MAJOR"])
        let deadly = try TestPlugins.compile("constructor.c", defines: ["CRASH"])
        let folders = [broken, deadly].map { URL(fileURLWithPath: $0).deletingLastPathComponent().path }
        let result = try ZooProcess.run("list", "--json", "--plugins", folders[0], "--plugins", folders[1])
        #expect(result.status == 0)
        #expect(
            result.errors == """
                warning: \(broken): speaks version 2.0 of the plugin interface; this program speaks 1.0
                warning: \(deadly): crashed (Segmentation fault) while it was loaded, in a process of its own

                """)
        #expect(try !items(result.output).isEmpty)
    }

    @Test func placesThatAreNotThere() throws {
        let result = try ZooProcess.run("list", "--plugins", "/no/such/folder")
        #expect(result.status == 2)
        #expect(result.output == "")
        #expect(result.errors == "error: --plugins /no/such/folder: no such file or directory\n")
    }

    @Test func searchesTheEnvironment() throws {
        let folder = try TemporaryFolder.make()
        try FileManager.default.copyItem(atPath: try TestPlugins.bigram.get(), toPath: "\(folder)/b.so")
        let named = try ZooProcess.run("list", environment: ["ZOO_PLUGIN_PATH": "/nowhere:\(folder)"])
        #expect(named.output.contains("\(folder)/b.so"))
        let data = try TemporaryFolder.make()
        try FileManager.default.createDirectory(
            atPath: "\(data)/zoo/plugins", withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: "\(folder)/b.so", toPath: "\(data)/zoo/plugins/c.so")
        let own = try ZooProcess.run("list", environment: ["XDG_DATA_HOME": data])
        #expect(own.output.contains("\(data)/zoo/plugins/c.so"))
        #expect(try !ZooProcess.run("list").output.contains("bigram"))
    }

    @Test func usage() throws {
        let typo = try ZooProcess.run("list", "--jsn")
        #expect(typo.status == 64)
        #expect(typo.errors.hasPrefix("error: Unknown option '--jsn'. Did you mean '--json'?\nUsage: zoo list "))
        let threads = try ZooProcess.run("list", "--threads", "0")
        #expect(threads.status == 64)
        #expect(threads.errors.hasPrefix("error: --threads is 0; allowed: 1 to 1024\n"))
        let command = try ZooProcess.run("lisst")
        #expect(command.status == 64)
        let version = try ZooProcess.run("--version")
        #expect(version.status == 0 && version.output == "zoo 0.1.0\n")
        #expect(try !ZooProcess.run("--help").output.contains("probe-plugins"))
    }

    @Test func doctor() throws {
        let result = try ZooProcess.run("doctor", "--json", environment: ["OPENBLAS_CORETYPE": "Prescott"])
        let report = try JSONParser.parse(result.output)
        #expect(report.objectValue?.keys == ["ok", "system", "checks"])
        let checks = try #require(report["checks"]?.arrayValue)
        let names = Set(checks.compactMap { $0["name"]?.stringValue })
        #expect(names.isSuperset(of: ["processor", "OpenBLAS", "threads", "memory", "plugins", "Chart.js"]))
        #expect(checks.allSatisfy { ["ok", "warning", "problem"].contains($0["status"]?.stringValue) })
        #expect(report["ok"] == .boolean(true) && result.status == 0)
        #expect(try ZooProcess.run("doctor").output.contains("processor"))
    }

    @Test func doctorNamesProblems() throws {
        let broken = try TestPlugins.compile("misbehaving.c", defines: ["FAULT_MAGIC"])
        let result = try ZooProcess.run("doctor", "--plugins", broken)
        #expect(result.status == 1)
        #expect(result.output.contains("problem"))
        #expect(result.output.contains("\(broken): its table begins with 0x12345678"))
        #expect(result.errors == "")
    }
}
