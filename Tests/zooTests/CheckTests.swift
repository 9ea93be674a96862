import Foundation
import SequenceModel
import TestSupport
import Testing

/// `zoo check` as it is started in a shell.
@Suite(.serialized) struct CheckTests {
    /// Compiled alone: all of them take half a minute.
    private func library(_ id: String) throws -> String {
        let plugin = try #require(HostilePlugin.named(id))
        let folder = try TemporaryFolder.make()
        try plugin.compile(into: folder)
        return "\(folder)/\(plugin.fileName)"
    }

    @Test("0 when nothing failed; the results have their keys")
    func honest() throws {
        let result = try ZooProcess.run("check", "minimal", "--only", "causality", "generation", "--seed", "7", "--json", "--quiet")
        #expect(result.status == 0 && !result.wasKilled && result.errors.isEmpty, "\(result.errors)")
        let report = try JSONParser.parse(result.output)
        #expect(report["model"]?.stringValue == "minimal")
        let results = try #require(report["results"]?.arrayValue)
        for value in results { #expect(value.objectValue?.keys == ["test", "outcome", "detail", "seed"]) }
        #expect(results.map { $0["test"]?.stringValue } == ["causality", "generation"])
        #expect(results.map { $0["outcome"]?.stringValue } == ["passed", "skipped"])
        #expect(results.allSatisfy { $0["seed"]?.integerValue == 7 })
        #expect(report["models"]?.arrayValue?.count == 1)
    }

    @Test("1 when a test fails or its process dies, with the command that tries it again", arguments: [
        ("hostile-gradient-scaled", "gradient-differences", "failed"), ("hostile-dies-crash-at-training", "gradient-accumulates", "crashed"),
    ])
    func failing(_ id: String, _ test: String, _ outcome: String) throws {
        let path = try library(id)
        let result = try ZooProcess.run("check", path, "--only", test, "--quiet")
        #expect(result.status == 1 && !result.wasKilled, "\(result.status) \(result.errors)")
        #expect(result.output.contains("again: zoo check \(path) --model \(id) --only \(test) --seed 0"), "\(result.output)")
        let json = try ZooProcess.run("check", path, "--only", test, "--quiet", "--json")
        #expect(json.status == 1)
        #expect(try JSONParser.parse(json.output)["results"]?.arrayValue?.first?["outcome"]?.stringValue == outcome, "\(json.output)")
    }

    @Test("2 for what cannot be used", arguments: [
        ("/nonexistent.so", "no such file"), ("Package.nothing", "no such file"), ("nosuchmodel", "there is no model nosuchmodel"),
    ])
    func unusable(_ subject: String, _ words: String) throws {
        let result = try ZooProcess.run("check", subject)
        #expect(result.status == 2 && !result.wasKilled && result.output.isEmpty, "\(result.status) \(result.output)")
        #expect(result.errors.hasPrefix("error: ") && result.errors.contains(words), "\(result.errors)")
    }

    @Test("a file that is there and is no plugin is spoken of as a file")
    func noPlugin() throws {
        let path = try TemporaryFolder.make() + "/Package.swift"
        try Data("// swift-tools-version: 6.0\n".utf8).write(to: URL(fileURLWithPath: path))
        let result = try ZooProcess.run("check", path, "--json")
        #expect(result.status == 2 && result.errors.contains(path) && !result.errors.contains("no model"), "\(result.errors)")
        let refusal = try #require(JSONParser.parse(result.output)["results"]?.arrayValue?.first)
        #expect(refusal["test"]?.stringValue == "file" && refusal["outcome"]?.stringValue == "failed")
    }

    @Test("a plugin that dies when it is loaded is refused, and zoo lives")
    func dyingAtLoad() throws {
        let path = try library("hostile-dies-crash-at-load")
        let result = try ZooProcess.run("check", path, "--json", "--quiet")
        #expect(result.status == 2 && !result.wasKilled && result.errors.contains("crashed with SIGSEGV"), "\(result.errors)")
        let refusal = try #require(JSONParser.parse(result.output)["results"]?.arrayValue?.first)
        #expect(refusal["outcome"]?.stringValue == "crashed")
    }

    @Test("64 for a command line that cannot be meant; the nearest test is named", arguments: [
        (["minimal", "--only", "causalty"], "--only causalty: there is no such test; did you mean causality?"),
        (["minimal", "--strictness", "11"], "--strictness is 11; allowed: 1 to 10"),
        ([], "give a plugin file or the id of a model"),
    ])
    func usage(_ arguments: [String], _ words: String) throws {
        let result = try ZooProcess(["check"] + arguments).wait()
        #expect(result.status == 64 && result.output.isEmpty && result.errors.contains(words), "\(result.status) \(result.errors)")
    }

    @Test func list() throws {
        let text = try ZooProcess.run("check", "--list")
        let json = try ZooProcess.run("check", "--list", "--json")
        #expect(text.status == 0 && json.status == 0)
        let tests = try #require(JSONParser.parse(json.output).arrayValue)
        for test in tests {
            #expect(test.objectValue?.keys == ["test", "sentence", "group", "strictness", "motivation"])
            #expect(text.output.contains(try #require(test["sentence"]?.stringValue)))
        }
        #expect(text.output.split(separator: "\n").count == tests.count + 1)
    }
}
