import Experiments
import Foundation
import PluginHost
import SequenceModel
import Testing

struct ResultsTests {
    @Test func roundTrip() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/results.json"
        var failed = exampleRow("transformer", bits: nil)
        failed.status = .crashed
        failed.detail = "SIGSEGV"
        let results = exampleResults([exampleRow(), failed])
        try results.write(to: path)
        #expect(try ComparisonResults.read(path) == results)
        #expect(!FileManager.default.fileExists(atPath: path + ".tmp"))
    }

    @Test func sameBytesForSameResults() throws {
        let text = try JSONFile.text(exampleResults([exampleRow()]))
        #expect(try JSONFile.text(exampleResults([exampleRow()])) == text)
        #expect(text.hasSuffix("}\n"))
    }

    /// The schema of the design, key by key: other programs read this.
    @Test func keysOfSchemaOne() throws {
        let text = try JSONFile.text(exampleResults([exampleRow()]))
        let value = try JSONParser.parse(text)
        #expect(value["schema"] == .integer(1))
        #expect(value.objectValue?.keys == ["budget", "command", "data", "machine", "published", "rows", "schema", "started", "tuning"])
        #expect(
            value["data"]?.objectValue?.keys == ["best_possible_bits_per_byte", "bytes", "sha256", "sources", "splits"])
        #expect(
            value["budget"]?.objectValue?.keys == [
                "batch", "context", "minutes", "parameters", "seeds", "steps", "tokens",
            ])
        let row = try #require(value["rows"]?.arrayValue?.first)
        #expect(
            row.objectValue?.keys == [
                "bits_per_byte", "bits_per_byte_stderr", "command", "config", "curve", "curve_seconds", "curve_split", "decode",
                "detail", "family", "initialisation", "learning_rate", "likelihood", "matched", "model", "name", "optimizer", "parameters",
                "peak_memory_bytes", "plugin_sha256", "probes", "samples", "seconds", "seed", "status", "train_tokens",
                "train_tokens_per_second", "training", "variants",
            ])
        #expect(row["bits_per_byte_stderr"] == .null)
        #expect(row["status"] == .string("ok"))
        #expect(row["curve"] == json("[[2048, 4], [4096, 2.625]]"))
        #expect(row["config"]?["norm"] == .null)
        #expect(row["config"]?["epsilon"] == .number(1e-5))
        #expect(
            row["decode"]?.arrayValue?[0]
                == json(
                    #"{"context": 256, "method": "session", "peak_memory_bytes": null, "reason": "", "state_bytes": 512, "tokens_per_second": 100.25}"#
                ))
        #expect(row["decode"]?.arrayValue?[1]["tokens_per_second"] == .null)
    }

    @Test(arguments: [
        ("\"schema\": 1", "\"schema\": 2", "schema 2; this version of zoo reads schema 1"),
        ("\"status\": \"ok\"", "\"status\": \"fine\"", "rows[0].status: "),
        ("\"seed\": 1", "\"sed\": 1", "rows[0].seed: the key is missing"),
        ("\"sha256\": \"00ff\",", "", "data.sha256: the key is missing"),
        (
            "\"parameters\": 1000,\n      \"peak", "\"parameters\": -1,\n      \"peak",
            "rows[0].parameters: -1; allowed: 0 or more"
        ),
        ("\"bits_per_byte\": 2.5", "\"bits_per_byte\": null", "rows[0].bits_per_byte: null in a run that is ok"),
        ("\"bits_per_byte\": 2.5", "\"bits_per_byte\": \"2.5\"", "rows[0].bits_per_byte: "),
        ("[2048, 4]", "[2048, 4, 5]", "rows[0].curve[0][2]: a point of a curve has two numbers"),
        ("[1.5, 3.5]", "[1.5]", "rows[0].curve_seconds: 1 values for 2 points"),
        ("\"train\": 900", "\"train\": 9000", "data.splits: together longer than data.bytes"),
        ("\"rows\": [", "\"rows\": [,", "line "),
        ("\"schema\": 1", "\"schema\": 1, \"schema\": 1", "the key \"schema\" is there twice"),
    ])
    func readerRefuses(_ old: String, _ new: String, _ expected: String) throws {
        let folder = try TemporaryFolder()
        let text = try JSONFile.text(exampleResults([exampleRow()]))
        try #require(text.contains(old))
        let path = try folder.write(text.replacingOccurrences(of: old, with: new), "results.json")
        let error = try #require(message { _ = try ComparisonResults.read(path) })
        #expect(error.code == .data)
        #expect(error.text.hasPrefix(path + ": "))
        #expect(error.text.contains(expected), "\(error.text)")
    }

    @Test func readerNamesMissingAndEmptyFiles() throws {
        let folder = try TemporaryFolder()
        let missing = try #require(message { _ = try ComparisonResults.read(folder.path + "/none.json") })
        #expect(
            missing.code == .data && missing.text == "cannot read \(folder.path)/none.json: No such file or directory")
        let directory = try #require(message { _ = try ComparisonResults.read(folder.path) })
        #expect(directory.text == "cannot read \(folder.path): Is a directory")
        let path = try folder.write("", "empty.json")
        let empty = try #require(message { _ = try ComparisonResults.read(path) })
        #expect(empty.text == "\(path): JSON, line 1, column 1: the text ends where a value was expected")
    }

    @Test func failedRunsMustSayWhy() {
        var row = exampleRow(bits: nil)
        row.status = .timeout
        #expect(exampleResults([row]).problem == "rows[0].detail: empty in a run that is timeout")
    }

    @Test func foldersAreMadeOrRefused() throws {
        let folder = try TemporaryFolder()
        try RunFiles.makeFolder(folder.path + "/a/b/c")
        try RunFiles.makeFolder(folder.path + "/a/b/c")
        let file = try folder.write("x", "file")
        #expect(
            message { try RunFiles.makeFolder(file) }?.text
                == "\(file) cannot be a folder: a file is in its way")
        #expect(
            message { try RunFiles.makeFolder(file + "/d") }?.text
                == "\(file)/d cannot be a folder: a file is in its way")
    }

    @Test func writingToAFolderThatIsNotThereLeavesNothing() throws {
        let path = NSTemporaryDirectory() + "zoo-none-\(UUID().uuidString)/results.json"
        let error = try #require(message { try exampleResults([]).write(to: path) })
        #expect(error.text == "cannot open \(path).tmp: No such file or directory")
    }
}
