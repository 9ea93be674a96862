import Foundation
import SequenceModel
import TestSupport
import Testing
import Training

/// `zoo score` as a user meets it.
struct ScoreTests {
    let folder: String

    init() throws { folder = try TemporaryFolder.make() }

    static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures").path

    func write(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        return "\(folder)/\(name)"
    }

    @Test(arguments: ["LlamaForCausalLM", "MistralForCausalLM", "MambaForCausalLM"])
    func logitsAreThoseOfTheReference(name: String) throws {
        let checkpoint = "\(Self.fixtures)/\(name)"
        let reference = try SafetensorsFile(path: "\(checkpoint)/io.safetensors")
        let shape = try #require(reference["logits"]?.shape)  // [B, T, V]
        let ids = try reference.integers("ids")  // [B, T]
        let rows = (0 ..< shape[0]).map { row in
            "[\(ids[row * shape[1] ..< (row + 1) * shape[1]].map(String.init).joined(separator: ","))]"
        }
        let tokens = try write("ids.json", "[\(rows.joined(separator: ","))]")
        let out = "\(folder)/logits.safetensors"
        let result = try ZooProcess.run(
            "score", checkpoint, "--tokens", tokens, "--logits", out, "--batch", "1", "--json")
        #expect(result.status == 0, "\(result.errors)")
        let written = try SafetensorsFile(path: out)
        #expect(written["logits"]?.shape == shape)
        let (expected, logits) = (try reference.floats("logits"), try written.floats("logits"))
        #expect(zip(expected, logits).allSatisfy { abs($0 - $1) <= 1e-4 })

        // The score follows from the same logits.
        let width = shape[2]
        var nats = 0.0
        for row in 0 ..< shape[0] {
            for position in 0 ..< shape[1] - 1 {
                let begin = (row * shape[1] + position) * width
                let values = expected[begin ..< begin + width].map(Double.init)
                let sum = values.reduce(0) { $0 + exp($1) }
                nats += log(sum) - values[ids[row * shape[1] + position + 1]]
            }
        }
        let count = shape[0] * (shape[1] - 1)
        let json = try JSONParser.parse(result.output)
        #expect(json["likelihood"] == .string("exact") && json["bytes"] == .integer(Int64(count)))
        let got = try #require(json["nats"]?.doubleValue)
        #expect(abs(got - nats / Double(count)) < 1e-4)
    }

    @Test func bytesOfTheFileAreTheDenominator() throws {
        let run = try TrainedRun.transformer.get()
        let text = try write("text", String(repeating: "A line of text.\n", count: 40))
        func score(_ arguments: String...) throws -> JSONValue {
            let result = try ZooProcess(["score", run, "--data", text, "--context", "32", "--json"] + arguments).wait()
            #expect(result.status == 0, "\(result.errors)")
            return try JSONParser.parse(result.output)
        }
        let all = try score()
        #expect(all["bytes"] == .integer(639) && all["standard_error"] == .null && all["windows"] == .integer(20))
        let bits = try #require(all["bits_per_byte"]?.doubleValue)
        let nats = try #require(all["nats"]?.doubleValue)
        #expect(abs(bits - nats / log(2)) < 1e-12 && bits > 0 && bits < 16)
        // 640 bytes split 90/5/5: 576, 32 and 32.
        #expect(try score("--part", "test")["bytes"] == .integer(31))
        #expect(try score("--part", "train", "--split", "80/20")["bytes"] == .integer(511))
        // The same whatever the rows in a call.
        let one = try #require(try score("--batch", "1")["nats"]?.doubleValue)
        #expect(abs(one - nats) < 1e-5)
    }

    @Test func boundsComeWithTheirError() throws {
        let run = try TrainedRun.diffusion.get()
        let text = try write("text", String(repeating: "A line of text.\n", count: 20))
        func score(_ seed: String) throws -> ZooProcess.Result {
            try ZooProcess.run(
                "score", run, "--data", text, "--context", "16", "--samples", "2", "--replicates", "3", "--seed", seed,
                "--json")
        }
        let result = try score("1")
        #expect(result.status == 0, "\(result.errors)")
        let json = try JSONParser.parse(result.output)
        #expect(json["likelihood"] == .string("upper-bound") && json["bytes"] == .integer(319))
        #expect(json["replicates"] == .integer(3) && json["samples"] == .integer(2))
        #expect(try #require(json["standard_error"]?.doubleValue) > 0)
        #expect(try score("1").output == result.output)
        #expect(try score("2").output != result.output)
    }

    /// Weights that are damaged, cut or not those of the configuration.
    @Test func weightsThatDoNotFit() throws {
        let checkpoint = folder + "/checkpoint"
        try FileManager.default.copyItem(atPath: "\(Self.fixtures)/LlamaForCausalLM", toPath: checkpoint)
        let path = checkpoint + "/model.safetensors"
        let honest = try Data(contentsOf: URL(fileURLWithPath: path))
        let text = try write("text", "some text")
        func refusal(_ message: String, _ bytes: Data?) throws {
            try FileManager.default.removeItem(atPath: path)
            if let bytes { try bytes.write(to: URL(fileURLWithPath: path)) }
            let result = try ZooProcess.run("score", checkpoint, "--data", text)
            #expect(result.status == 2 && !result.wasKilled && result.output.isEmpty)
            #expect(result.errors.hasPrefix("error: \(message)"), "\(result.errors)")
        }
        func renamed(_ name: String, _ other: String) throws -> Data {
            var bytes = honest
            bytes.replaceSubrange(try #require(bytes.range(of: Data(name.utf8))), with: Data(other.utf8))
            return bytes
        }
        try refusal("\(path), offset 0: the file has 0 bytes; a safetensors file has at least 8\n", Data())
        try refusal("\(path), offset 0: the header would have ", honest.prefix(100))
        try refusal("\(path), offset \(honest.count - 1): 1 bytes are missing at the end: ", honest.dropLast())
        try refusal(
            "\(path) does not fit the configuration:\n  missing: model.norm.weight [", try renamed("model.norm.weight", "model.nirm.weight"))
        try refusal("\(path), offset 8: the header must be a JSON object", try renamed("{", "["))
        try refusal("\(checkpoint) has no model.safetensors and no valid checkpoint\n", nil)
        try honest.write(to: URL(fileURLWithPath: path))
        let file = checkpoint + "/config.json"
        let configuration = try String(contentsOfFile: file, encoding: .utf8)
        func configured(_ text: String, _ message: String) throws {
            try Data(text.utf8).write(to: URL(fileURLWithPath: file))
            let result = try ZooProcess.run("score", checkpoint, "--data", self.folder + "/text")
            #expect(result.status == 2 && !result.wasKilled && result.output.isEmpty)
            #expect(result.errors.hasPrefix("error: \(message)"), "\(result.errors)")
        }
        try configured("", "configuration \(file) is empty\n")
        try configured("{}", "configuration \(file) has no \"model_type\" that names the model\n")
        try configured(configuration.replacing("\"llama\"", with: "\"lama\""), "\(file): there is no model lama. Known: ")
        try configured(configuration.replacing("\"num_attention_heads\"", with: "\"num_attention_hoads\""), "\(file): ")
    }

    @Test func whatIsWrongIsSaid() throws {
        let run = try TrainedRun.transformer.get()
        func refusal(_ status: Int32, _ message: String, _ arguments: String...) throws {
            let result = try ZooProcess(["score"] + arguments).wait()
            #expect(result.status == status && result.errors.contains(message), "\(result.errors)")
            #expect(result.output.isEmpty)
        }
        let text = try write("text", "some text")
        let empty = try write("empty", "")
        try refusal(64, "give either --data or --tokens", run)
        try refusal(64, "give either --data or --tokens", run, "--data", text, "--tokens", text)
        try refusal(64, "--logits needs --tokens", run, "--data", text, "--logits", "x")
        try refusal(64, "error: --context is 0; expected 1 to 16M", run, "--data", text, "--context", "0")
        try refusal(64, "error: --batch is 0; expected a whole number from 1", run, "--data", text, "--batch", "0")
        try refusal(64, "--replicates is 0; it must be at least 1", run, "--data", text, "--replicates", "0")
        try refusal(2, "does not exist", folder + "/nothing", "--data", text)
        try refusal(2, "nothing", run, "--data", folder + "/nothing")
        try refusal(2, "empty", run, "--data", empty)
        try refusal(2, "cannot read \(folder)/nothing.json: No such file or directory", run, "--tokens", folder + "/nothing.json")
        for (json, message) in [
            ("[[1, -2]]", "row 0, position 1: symbol -2; allowed: 0 to 255"),
            ("[[1, 256]]", "symbol 256; allowed: 0 to 255"),
            ("[[1, 2], [3]]", "row 1 has 1 symbols and row 0 has 2"),
            ("[[1, 2.5]]", "a number where a whole number was expected"),
            ("[1]", "row 0 is an integer"), ("{", "ids.json: "),
        ] {
            try refusal(2, message, run, "--tokens", try write("ids.json", json), "--logits", folder + "/never")
        }
        #expect(!FileManager.default.fileExists(atPath: folder + "/never"))
        try refusal(
            2, "ids.json: rows of 1 symbol; at least 2 are needed", run, "--tokens", try write("ids.json", "[[1], [2]]"))
        try refusal(
            2, "cannot create \(text)/", run, "--tokens", try write("ids.json", "[[1, 2]]"), "--logits", text + "/x.safetensors")
        // What is no checkpoint.
        try refusal(2, "\(text) is not a checkpoint: it has no config.json\nhint: name a run directory", text, "--data", text)
        try refusal(2, "\(folder) is not a checkpoint: it has no config.json\nhint: name a run directory", folder, "--data", text)
    }
}
