import Foundation
import SequenceModel
import TestSupport
import Testing

/// Probes as a user meets them: `zoo score --probe`, `zoo list`, `zoo compare`.
struct ProbeTests {
    /// A run of the C plugin with probes of every kind: its library, the run, and the text.
    private static let bigram: Result<(library: String, run: String), any Error> = Result {
        let library = try TestPlugins.compile("probing.c")
        let out = try TemporaryFolder.make() + "/run"
        let result = try ZooProcess.run(
            "train", "bigram", "--plugins", library, "--parameters", "10k", "--context", "16", "--batch", "2", "--steps", "2",
            "--out", out, "--quiet")
        try #require(result.status == 0, "\(result.errors)")
        return (library, out)
    }

    private func text(_ content: String) throws -> String {
        let path = try TemporaryFolder.make() + "/text"
        try Data(content.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test func measuresOverTheText() throws {
        let run = try TrainedRun.transformer.get()
        let text = try text(String(repeating: "A line of text.\n", count: 20))
        let result = try ZooProcess.run("score", run, "--data", text, "--probe", "attention_entropy", "--json")
        #expect(result.status == 0, "\(result.errors)")
        let json = try JSONParser.parse(result.output)
        #expect(json["bits_per_byte"]?.doubleValue != nil)
        let found = try #require(json["probes"]?["attention_entropy"])
        let extents = (found["extents"]?.arrayValue ?? []).compactMap(\.integerValue)
        let values = (found["values"]?.arrayValue ?? []).compactMap(\.doubleValue)
        #expect(found["axes"] == .array([.string("layer"), .string("head")]) && found["unit"] == .string("nats"))
        #expect(extents.count == 2 && values.count == extents[0] * extents[1])
        #expect(values.allSatisfy { $0 > 0 && $0 < log(32) })
        let table = try ZooProcess.run("score", run, "--data", text, "--probe", "attention_entropy")
        #expect(table.output.contains("attention_entropy, nats (10 windows)\nlayer  head 0  head 1"))
        #expect(table.output.contains(String(format: "%.4f", values[0])))
    }

    @Test func severalAndOfOtherLanguages() throws {
        let (library, run) = try ProbeTests.bigram.get()
        let content = "abcabcaab, and so on."
        let result = try ZooProcess.run(
            "score", run, "--plugins", library, "--data", try text(content), "--json", "--probe", "counts", "--probe", "mean_symbol")
        #expect(result.status == 0, "\(result.errors)")
        let probes = try JSONParser.parse(result.output)["probes"]
        let read = Array(content.utf8.dropLast())
        let counts = probes?["counts"]?["values"]?.arrayValue?.compactMap(\.doubleValue)
        var expectedCounts = [Double](repeating: 0, count: 256)
        for byte in read { expectedCounts[Int(byte)] += 1 }
        #expect(counts == expectedCounts)
        let mean = try #require(probes?["mean_symbol"]?["values"]?.arrayValue?.first?.doubleValue)
        let expected = read.reduce(0.0) { $0 + Double($1) } / Double(read.count)
        #expect(abs(mean - expected) < 1e-9)
    }

    @Test(arguments: [
        ("dereferences", "its self-test crashed (Segmentation fault), in a process of its own"),
        ("lies", "its self-test expects the results [6.0, 2.6] and got [6.0, 2.5]"),
        ("future", "the argument \"S\", which this program does not know"),
    ])
    func whatIsNotCalled(name: String, reason: String) throws {
        let (library, run) = try ProbeTests.bigram.get()
        let result = try ZooProcess.run("score", run, "--plugins", library, "--data", try text("abc"), "--probe", name)
        #expect(result.status == 2 && !result.wasKilled && result.output.isEmpty)
        #expect(result.errors.contains("probe \(name) of bigram is not called: ") && result.errors.contains(reason))
    }

    @Test func namesAndLists() throws {
        let run = try TrainedRun.transformer.get()
        let wrong = try ZooProcess.run("score", run, "--data", try text("abc"), "--probe", "attention_entropie")
        #expect(wrong.status == 64)
        #expect(wrong.errors.contains("transformer has no probe attention_entropie; did you mean attention_entropy? Known: attention_entropy"))
        let list = try ZooProcess.run("score", run, "--probe", "list")
        #expect(list.status == 0 && list.output.contains("attention_entropy  BW->  "))
        let (library, bigram) = try ProbeTests.bigram.get()
        let all = try ZooProcess.run("score", bigram, "--plugins", library, "--probe", "list", "--json")
        let probes = try JSONParser.parse(all.output).arrayValue ?? []
        #expect(probes.count == 27 && probes[0]["name"] == .string("add") && probes[0]["problem"] == .null)
        #expect(probes.contains { $0["name"] == .string("untested") && $0["problem"] == .string("it has no self-test") })
        #expect(try ZooProcess.run("score", run, "--tokens", "x.json", "--probe", "attention_entropy").status == 64)
        let models = try JSONParser.parse(try ZooProcess.run("list", "--json").output).arrayValue ?? []
        let mamba = models.first { $0["id"] == .string("mamba") }
        let names = mamba?["probes"]?.arrayValue?.compactMap { $0["name"]?.stringValue }
        #expect(names == ["step_size", "smallest_step_size", "largest_step_size"])
        #expect(models.first { $0["id"] == .string("minimal") }?["probes"] == .array([]))
    }

    /// Trained, then looked into: what is found stands in results.json and in the page; what crashes harms no run.
    @Test func comparisons() throws {
        let out = try TemporaryFolder.make() + "/out"
        let library = try ProbeTests.bigram.get().library
        let result = try ZooProcess.run(
            "compare", "mamba", "diffusion", "bigram", "--plugins", library, "--parameters", "60k", "--context", "16", "--batch", "2",
            "--steps", "2", "--seeds", "1", "--decode-contexts", "32", "--out", out, "--quiet")
        #expect(result.status == 0, "\(result.errors)")
        let path = URL(fileURLWithPath: out + "/results.json")
        let rows = try JSONParser.parse([UInt8](Data(contentsOf: path)))["rows"]?.arrayValue ?? []
        func probe(_ model: String, _ name: String) -> JSONValue? { rows.first { $0["model"] == .string(model) }?["probes"]?[name] }
        func values(_ model: String, _ name: String) -> [Double] {
            (probe(model, name)?["values"]?.arrayValue ?? []).compactMap(\.doubleValue)
        }
        #expect(rows.allSatisfy { $0["status"] == .string("ok") })
        let steps = ["smallest_step_size", "step_size", "largest_step_size"].map { values("mamba", $0) }
        #expect(steps.allSatisfy { $0.count == steps[0].count && !$0.isEmpty })
        for layer in steps[0].indices {
            let (least, mean, most) = (steps[0][layer], steps[1][layer], steps[2][layer])
            #expect(0 < least && least < mean && mean < most)
        }
        #expect(values("diffusion", "masked_entropy").count == 9 && values("bigram", "mean_symbol").count == 1)
        #expect(probe("bigram", "overflows")?["reason"]?.stringValue?.contains("wrote past the end of its tensor") == true)
        #expect(probe("bigram", "future")?["reason"]?.stringValue?.contains("does not know") == true)
        // Of other signatures nothing can be measured over a text.
        #expect(probe("bigram", "add") == nil && probe("bigram", "dereferences") == nil)
        let page = try String(contentsOf: URL(fileURLWithPath: out + "/report.html"), encoding: .utf8)
        #expect(page.contains("Inside the models") && page.contains("smallest_step_size"))
    }
}
