import Foundation
import SequenceModel
import TestSupport
import Testing

/// `zoo scale` and `zoo bench cost` as a user starts them, on models that train in a moment.
@Suite(.serialized) struct ScaleTests {
    private func arguments(_ sizes: String, _ tokens: String, _ out: String, _ more: String...) throws -> [String] {
        [
            "scale", "minimal", "--data", CompareTests.text, "--sizes", sizes, "--tokens", tokens, "--context", "32", "--batch", "4",
            "--replicates", "40", "--threads", "1", "--quiet", "--out", out,
        ] + more
    }

    private func study(_ out: String) throws -> JSONValue {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: out + "/scaling.json")))
        return try JSONParser.parse(bytes, maximumBytes: 1 << 24)
    }

    @Test func aStudyGrowsAndIsFitAgain() throws {
        let out = try TemporaryFolder.make() + "/out"
        let small = try ZooProcess(arguments("8k,14k,24k", "1280,2560", out)).wait()
        #expect(small.status == 0, "\(small.errors)")
        #expect(try study(out)["points"]?.arrayValue?.count == 6)
        // Two token counts determine nothing, and what would is said.
        #expect(small.output.contains("minimal: no fit: 3 sizes and 2 token counts ended well; E + A/N^α + B/D^β has five unknowns"))
        let begin = try FileManager.default.attributesOfItem(atPath: out + "/8k-1.28k/results.json")[.modificationDate] as? Date
        let row = try Data(contentsOf: URL(fileURLWithPath: out + "/8k-1.28k/runs/minimal-seed-1/result.json"))

        let whole = try ZooProcess(arguments("8k,14k,24k", "1280,2560,5120", out, "--json")).wait()
        #expect(whole.status == 0, "\(whole.errors)")
        let json = try JSONParser.parse([UInt8](whole.output.utf8), maximumBytes: 1 << 24)
        #expect(json["points"]?.arrayValue?.count == 9)
        let model = try #require(json["models"]?.arrayValue?.first)
        #expect(model["fit"]?["runs"] == .integer(9) && model["fit"]?["configurations"] == .integer(9), "\(model)")
        // Eight configurations are enough to leave one out.
        #expect(model["held_out"]?["entries"]?.arrayValue?.count == 1)
        #expect(model["held_out"]?["entries"]?.arrayValue?.first?["size"] == .integer(24_000))
        // What was there was not trained again.
        #expect(try Data(contentsOf: URL(fileURLWithPath: out + "/8k-1.28k/runs/minimal-seed-1/result.json")) == row)
        #expect(begin != nil)
        // The tables of embeddings are known from the names of the tensors: 256 symbols of some width.
        let embeddings = json["points"]?.arrayValue?.compactMap { $0["embedding_parameters"]?.integerValue } ?? []
        #expect(embeddings.count == 9 && embeddings.allSatisfy { $0 > 0 && $0 % 256 == 0 })

        let again = try ZooProcess.run("scale", "--from", out, "--replicates", "40", "--json")
        #expect(again.status == 0 && again.output == whole.output, "\(again.errors)")
        let without = try ZooProcess.run("scale", "--from", out, "--replicates", "40", "--without-embeddings")
        #expect(without.status == 0 && without.output.contains("N: parameters without tables of embeddings."))
        let page = try String(contentsOfFile: out + "/report.html", encoding: .utf8)
        #expect(page.contains("<h1>How minimal scales</h1>") && page.contains("held-out-title"))
    }

    @Test func whatIsWrongIsSaid() throws {
        let folder = try TemporaryFolder.make()
        func refusal(_ status: Int32, _ message: String, _ arguments: String...) throws {
            let result = try ZooProcess(arguments).wait()
            #expect(result.status == status && result.errors.contains(message), "\(result.errors)")
        }
        try refusal(64, "error: name the models to train, or --from DIR to fit again what is there", "scale")
        try refusal(64, "error: name the folder for what comes out: --out DIR", "scale", "minimal")
        try refusal(64, "error: --from fits what is there: leave out the models", "scale", "minimal", "--from", folder)
        try refusal(64, "error: --sizes is 1x; expected a whole number from 1 to 10^15", "scale", "minimal", "--out", folder, "--sizes", "1x")
        try refusal(64, "error: --tokens and --operations cannot both be the budget: give one", "scale", "minimal", "--out", folder, "--tokens", "1M", "--operations", "1e12")
        try refusal(64, "error: --operations is 1e12,x; expected numbers from 1 to 10^30", "scale", "minimal", "--out", folder, "--operations", "1e12,x")
        try refusal(64, "error: --sizes names 100k twice", "scale", "minimal", "--out", folder, "--sizes", "100k,100k")
        try refusal(64, "error: --replicates is 5; allowed: 20 to 100000", "scale", "minimal", "--out", folder, "--replicates", "5")
        try refusal(2, "error: there is no model minimul", "scale", "minimul", "--out", folder + "/out")
        try refusal(2, "error: there is no \(folder)/none", "scale", "--from", folder + "/none")
        try refusal(2, "error: \(folder) holds no comparison that came to its end", "scale", "--from", folder)
        // A size that the model cannot have: said before anything is trained.
        try refusal(2, "minimal at 10 parameters", "scale", "minimal", "--out", folder + "/out", "--sizes", "10", "--tokens", "10k")
        #expect(!FileManager.default.fileExists(atPath: folder + "/out"))
        try Data("x".utf8).write(to: URL(fileURLWithPath: folder + "/letter.txt"))
        try refusal(2, "is not empty and holds no scaling study: there is letter.txt", "scale", "minimal", "--out", folder)
        try refusal(64, "error: --only is speed; expected training, decoding or training,decoding", "bench", "cost", "minimal", "--only", "speed")
        try refusal(64, "error: --price-per-hour is -1.0; expected 0 or more", "bench", "cost", "minimal", "--price-per-hour", "-1")
        try refusal(64, "error: --contexts is 0; expected 1 to 16M", "bench", "cost", "minimal", "--contexts", "0")
    }

    @Test func costsAgainstContext() throws {
        let result = try ZooProcess.run(
            "bench", "cost", "lstm", "transformer", "--parameters", "20k", "--contexts", "16,32,64,128", "--price-per-hour", "0.1", "--threads", "1",
            "--json", "--quiet")
        #expect(result.status == 0, "\(result.errors)")
        let json = try JSONParser.parse([UInt8](result.output.utf8), maximumBytes: 1 << 24)
        let models = try #require(json["models"]?.arrayValue)
        #expect(models.map { $0["model"]?.stringValue } == ["lstm", "transformer"])
        for model in models {
            let figures = try #require(model["figures"]?.arrayValue)
            #expect(figures.map { $0["context"]?.integerValue } == [16, 32, 64, 128, 16, 32, 64, 128])
            for figure in figures {
                #expect(figure["seconds_per_token"]?.doubleValue.map { $0 > 0 } == true, "\(figure)")
                #expect((figure["peak_memory_bytes"]?.integerValue ?? 0) > 1 << 20)
            }
        }
        // Keys and values grow with the context, the cells of an LSTM do not.
        let curves = json["analysis"]?["curves"]?.arrayValue ?? []
        func state(_ model: String) -> JSONValue? {
            curves.first { $0["model"] == .string(model) && $0["metric"] == .string("state") }?["growth"]
        }
        #expect(state("lstm")?["shape"] == .string("constant"))
        #expect(state("transformer")?["shape"].map { $0 != .string("constant") } == true)
        let sentences = json["analysis"]?["crossovers"]?.arrayValue ?? []
        #expect(sentences.contains { $0["metric"] == .string("state") && $0["better"] == .string("lstm") })
    }

    /// A model that hangs is a figure that is missing, and longer contexts are not tried.
    @Test func whatHangsIsCutOff() throws {
        let result = try ZooProcess.run(
            "bench", "cost", "hang", "bigram", "--plugins", try CompareTests.plugins.get(), "--parameters", "10k", "--contexts", "16,32,64", "--only", "training",
            "--limit", "1", "--threads", "1", "--quiet")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains("hang, training at 16: took longer than 1.0 s\n"), "\(result.output)")
        #expect(result.output.contains("hang, training at 64: not tried: 16 tokens already took longer than 1.0 s\n"))
        #expect(result.output.split(separator: "\n").contains { $0.hasPrefix("bigram") })
    }
}
