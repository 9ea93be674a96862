import Foundation
import SequenceModel
import TestSupport
import Testing

/// `zoo report` as a user starts it, on a comparison that was really made.
@Suite(.serialized) struct ReportTests {
    /// A tiny comparison: bigram, tuned, two seeds.
    private static let comparison = Result<String, any Error> {
        let folder = try TemporaryFolder.make()
        try FileManager.default.copyItem(atPath: try TestPlugins.bigram.get(), toPath: folder + "/libbigram.so")
        let ending = try ZooProcess([
            "compare", "bigram", "--plugins", folder + "/libbigram.so", "--data", CompareTests.text, "--parameters", "10k", "--context",
            "32", "--batch", "4", "--steps", "10", "--seeds", "2", "--decode-contexts", "16", "--threads", "1", "--set", "warmup=3", "--tune",
            "learning_rate=0.01,0.03", "--out", folder + "/out",
        ]).wait()
        guard ending.status == 0 else { throw Failure(description: ending.errors) }
        return folder + "/out"
    }

    private struct Failure: Error, CustomStringConvertible { let description: String }

    private func rows(_ out: String) throws -> [JSONValue] {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: out + "/results.json")))
        return try JSONParser.parse(bytes, maximumBytes: 1 << 24)["rows"]?.arrayValue ?? []
    }

    /// The command in the page makes the row again, tuned values, settings and configuration included.
    @Test func thePrintedCommandMakesTheRowAgain() throws {
        let out = try ReportTests.comparison.get()
        let page = try String(contentsOfFile: out + "/report.html", encoding: .utf8)
        let begin = try #require(page.range(of: "<pre class=\"command\">"))
        let end = try #require(page.range(of: "</pre>", range: begin.upperBound ..< page.endIndex))
        let text = String(page[begin.upperBound ..< end.lowerBound]).replacing("&#39;", with: "'").replacing("&quot;", with: "\"")
        #expect(text.hasPrefix("zoo compare bigram ") && text.contains(" --set bigram.warmup=3 ") && text.contains(" --seeds 1,2 "), "\(text)")
        let folder = try TemporaryFolder.make()
        let again = try Commands(in: folder).run(text.replacing("zoo compare", with: "\(ZooProcess.executable) compare"))
        #expect(again.status == 0, "\(again.output)")
        let (first, second) = (try rows(out), try rows(folder + "/bigram-again"))
        #expect(first.count == 2 && first.map { $0["bits_per_byte"] } == second.map { $0["bits_per_byte"] })
        #expect(first.map { $0["config"] } == second.map { $0["config"] } && first.map { $0["training"] } == second.map { $0["training"] })
        // Each run alone, from the results.
        let alone = try #require(first[1]["command"]?.stringValue)
        #expect(alone.contains(" --seeds 2, ") && alone.hasSuffix(" --out bigram-seed-2"))

        let same = try ZooProcess.run("report", "--compare", out, folder + "/bigram-again")
        #expect(same.status == 0 && same.output.hasSuffix("Nothing got significantly worse.\n"), "\(same.output) \(same.errors)")
    }

    /// Worse results end with status 1, in every form; the circumstances are named.
    @Test func comparingSaysWhatGotWorse() throws {
        let out = try ReportTests.comparison.get()
        let folder = try TemporaryFolder.make()
        var text = try String(contentsOfFile: out + "/results.json", encoding: .utf8)
        let state = try #require(text.firstMatch(of: /"state_bytes": (\d+)/))
        text = text.replacing("\"state_bytes\": \(state.1)", with: "\"state_bytes\": \((Int(state.1) ?? 0) + 1024)")
            .replacing(/"processor": "[^"]*"/, with: "\"processor\": \"another\"")
        try text.write(toFile: folder + "/new.json", atomically: true, encoding: .utf8)
        let worse = try ZooProcess.run("report", "--compare", out, folder + "/new.json")
        #expect(worse.status == 1 && worse.errors.isEmpty, "\(worse.errors)")
        #expect(worse.output.contains("machine.processor") && worse.output.hasSuffix("Worse: bigram (state at 16).\n"), "\(worse.output)")
        let json = try ZooProcess.run("report", "--compare", out, folder + "/new.json", "--json")
        let value = try JSONParser.parse(json.output)
        #expect(json.status == 1 && value["circumstances"]?.arrayValue?.count == 1)
        #expect(value["figures"]?.arrayValue?.contains { $0["figure"]?.stringValue == "state_bytes_16" } == true)
        let page = try ZooProcess.run("report", "--compare", out, folder + "/new.json", "--out", folder + "/change.html")
        let html = try String(contentsOfFile: folder + "/change.html", encoding: .utf8)
        #expect(page.status == 1 && page.output.isEmpty && html.contains("<h1>What changed</h1>") && !html.contains("<script"))
        #expect(try ZooProcess.run("report", "--compare", folder + "/new.json", out).status == 0)
    }

    @Test func formats() throws {
        let out = try ReportTests.comparison.get()
        #expect(try ZooProcess.run("report", out, "--format", "csv").output.hasPrefix("model,family,seed,"))
        let tuning = try ZooProcess.run("report", out, "--format", "tuning").output
        #expect(tuning.split(separator: "\r\n").count == 3 && tuning.contains("bigram,learning_rate=0.01,"))
        let spec = try JSONParser.parse(ZooProcess.run("report", out, "--format", "vega-lite").output)
        #expect(spec["vconcat"]?.arrayValue?.count == 5)
    }

    @Test func wrongUseSaysWhatIsExpected() throws {
        let out = try ReportTests.comparison.get()
        for (words, message) in [
            (["report"], "which comparison? Name the folder that zoo compare wrote, or its results.json"),
            (["report", out, out], "2 comparisons given; one is expected, or two with --compare"),
            (["report", "--compare", out], "--compare takes two comparisons, the old one and the new one; 1 given"),
            (["report", "--compare", out, out, "--format", "csv"], "--format csv does not go with --compare; allowed: html, table, or --json"),
        ] {
            let result = try ZooProcess(words).wait()
            #expect(result.status == 64 && result.errors.contains("error: \(message)\n"), "\(result.errors)")
        }
        let missing = try ZooProcess.run("report", "--compare", out, out + "/none")
        #expect(missing.status == 2 && missing.errors.hasPrefix("error: there is no \(out)/none/results.json\n"), "\(missing.errors)")
    }
}
