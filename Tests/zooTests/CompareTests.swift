import Foundation
import SequenceModel
import TestSupport
import Testing
import Training

/// `zoo compare` as a user starts it: plugins that end badly are rows, and an interrupted comparison goes on.
@Suite(.serialized) struct CompareTests {
    static let text: String = {
        let file = ((try? TemporaryFolder.make()) ?? "/tmp") + "/text.txt"
        try? Data(GrammarCorpus(seed: 5, size: 40_000).text).write(to: URL(fileURLWithPath: file))
        return file
    }()

    /// A folder with the honest bigram model and those that fail.
    static let plugins = Result<String, any Error> {
        let folder = try TemporaryFolder.make()
        try FileManager.default.copyItem(atPath: try TestPlugins.bigram.get(), toPath: folder + "/libbigram.so")
        let kinds = [("crash", 4), ("hang", 3), ("diverge", 5), ("error", 2), ("slow", 0)]
        for (kind, call) in kinds {
            let library = try TestPlugins.compile(
                "failing.c", defines: ["FAILING_ID=\"\(kind)\"", "FAIL_AT=\(call)", "FAIL_\(kind.uppercased())"])
            try FileManager.default.copyItem(atPath: library, toPath: "\(folder)/lib\(kind).so")
        }
        return folder
    }

    private func arguments(_ models: [String], _ out: String, _ more: String...) throws -> [String] {
        ["compare"] + models + [
            "--plugins", try CompareTests.plugins.get(), "--data", CompareTests.text, "--parameters", "10k",
            "--context", "32",
            "--batch", "4", "--steps", "20", "--decode-contexts", "16,64", "--threads", "1", "--out", out,
        ] + more
    }

    private func results(_ out: String) throws -> [JSONValue] {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: out + "/results.json")))
        return try JSONParser.parse(bytes, maximumBytes: 1 << 24)["rows"]?.arrayValue ?? []
    }

    @Test func everyEndingIsARow() throws {
        let out = try TemporaryFolder.make() + "/out"
        let models = ["bigram", "crash", "hang", "diverge", "error"]
        let ending = try ZooProcess(arguments(models, out, "--timeout", "0.08")).wait()
        #expect(ending.status == 0 && !ending.wasKilled, "\(ending.errors)")
        let rows = try results(out)
        #expect(rows.map { $0["model"]?.stringValue } == models)
        #expect(rows.map { $0["status"]?.stringValue } == ["ok", "crashed", "timeout", "diverged", "crashed"])
        #expect(
            rows.map { $0["detail"]?.stringValue } == [
                "", "SIGSEGV (segmentation fault) after step 3; last line: about to touch what is not there",
                "stopped after 4.8 s, the time a run may take, after step 2", "at step 5: the loss is nan",
                "exit status 2 after step 1; last line: error: step 2 of error: the model is tired",
            ])
        let bigram = rows[0]
        #expect(bigram["parameters"] == .integer(9984))
        #expect(bigram["train_tokens"] == .integer(20 * 4 * 32))
        // Above the entropy of the text's source, and learning: twenty steps are too few for more.
        #expect((bigram["bits_per_byte"]?.doubleValue).map { $0 > GrammarCorpus.entropyBitsPerByte } == true)
        let curve = (bigram["curve"]?.arrayValue ?? []).compactMap { $0.arrayValue?.last?.doubleValue }
        #expect(curve.count == 20 && curve[19] < curve[0])
        #expect(bigram["decode"]?.arrayValue?.map { $0["context"]?.integerValue } == [16, 64])
        #expect((bigram["peak_memory_bytes"]?.integerValue ?? 0) > 1 << 20)
        #expect(rows[1]["curve"]?.arrayValue?.count == 3)
        #expect(ending.output.contains("Exact likelihood\n") && ending.output.contains("\(out)/report.html\n"))
        let page = try String(contentsOfFile: out + "/report.html", encoding: .utf8)
        for model in models { #expect(page.contains(">\(model)</th>")) }
    }

    /// What does not depend on the clock.
    private func bits(_ row: JSONValue) -> [JSONValue?] {
        [row["bits_per_byte"], row["curve"], row["train_tokens"], row["samples"], row["parameters"]]
    }

    @Test func anInterruptedComparisonGoesOn() throws {
        let whole = try TemporaryFolder.make() + "/out"
        let first = try ZooProcess(arguments(["slow", "bigram"], whole)).wait()
        #expect(first.status == 0, "\(first.errors)")

        let out = try TemporaryFolder.make() + "/out"
        for signal in [SIGINT, SIGKILL] {
            let process = try ZooProcess(arguments(["slow", "bigram"], out))
            let log = out + "/runs/slow-seed-1/log.jsonl"
            let target = signal == SIGINT ? 6 : 12
            while process.isRunning, lastStep(log) < target { usleep(2000) }
            process.signal(signal)
            let ending = try process.wait()
            if signal == SIGINT {
                #expect(ending.status == 130 && !ending.wasKilled)
                #expect(
                    ending.errors.contains(
                        "error: interrupted\nhint: the same command goes on where this one stopped\n"))
            }
            #expect(!FileManager.default.fileExists(atPath: out + "/results.json"))
        }
        // The run of the comparison that was killed ends by itself; the next one waits for it.
        let last = try ZooProcess(arguments(["slow", "bigram"], out)).wait()
        #expect(last.status == 0, "\(last.errors)")
        let (expected, rows) = (try results(whole), try results(out))
        #expect(rows.count == 2)
        for (row, other) in zip(rows, expected) { #expect(bits(row) == bits(other)) }

        // All is done: nothing is run, the same results come out; another plan is refused.
        let again = try ZooProcess(arguments(["slow", "bigram"], out, "--json")).wait()
        #expect(again.status == 0 && again.errors.contains("2 of 2 runs were done before\n"))
        #expect(again.output == (try String(contentsOfFile: out + "/results.json", encoding: .utf8)))
        let other = try ZooProcess(arguments(["slow"], out, "--learning-rate", "0.5")).wait()
        #expect(other.status == 64)
        #expect(
            other.errors.contains(
                "error: \(out) holds another comparison:\n  runs: slow-seed-1, bigram-seed-1 there, slow-seed-1 here\n"
                    + "  every run, training.learning_rate: 0.001 there, 0.5 here\n"), "\(other.errors)")
    }

    private func lastStep(_ log: String) -> Int {
        (try? Training.RunLog.read(log))?.last { $0["loss"] != nil }?["step"]?.integerValue ?? 0
    }

    @Test func reportIsWrittenAgain() throws {
        let out = try TemporaryFolder.make() + "/out"
        #expect(try ZooProcess(arguments(["bigram"], out)).wait().status == 0)
        let page = try Data(contentsOf: URL(fileURLWithPath: out + "/report.html"))
        try FileManager.default.removeItem(atPath: out + "/report.html")
        let report = try ZooProcess.run("report", out)
        #expect(report.status == 0 && report.output == out + "/report.html\n")
        #expect(try Data(contentsOf: URL(fileURLWithPath: out + "/report.html")) == page)
        let csv = try ZooProcess.run("report", out, "--format", "csv")
        #expect(
            csv.output.hasPrefix("model,family,seed,")
                && csv.output.contains("\r\nbigram,n-gram,1,ok,,exact,9984,0.001,2560,"))
    }

    @Test(arguments: [
        (["bigram", "--all"], 64, "name models or give --all, not both"),
        (["bigram", "bigram"], 64, "bigram is named twice"),
        (["bigram", "--steps", "3", "--tokens", "9k"], 64, "--steps and --tokens cannot both be the budget: give one"),
        (["bigram", "--parameters", "1X"], 64, "--parameters is 1X; expected a whole number of at least 1"),
        (["bigram", "--seeds", "0"], 64, "--seeds is 0; expected how many"),
        (["bigram", "--minutes", "0"], 64, "--minutes is 0.0; it must be more than 0"),
        (["bigrem"], 2, "there is no model bigrem; did you mean bigram?"),
        (["bigram", "--parameters", "10"], 2, "bigram at 10 parameters: no configuration has 10 parameters"),
        (["bigram", "--context", "1M"], 2, "block has"),
        (["bigram", "--set", "hiden_size=3"], 64, "--set hiden_size: bigram has no key hiden_size"),
        (["bigram", "--data", "/nowhere.txt"], 2, "data file /nowhere.txt does not exist"),
    ])
    func whatIsWrongIsSaid(_ more: [String], _ status: Int32, _ message: String) throws {
        let out = try TemporaryFolder.make() + "/out"
        let ending = try ZooProcess(
            ["compare"] + more + ["--plugins", try CompareTests.plugins.get(), "--out", out]
        ).wait()
        #expect(ending.status == status && ending.errors.contains(message), "\(ending.errors)")
        #expect(!FileManager.default.fileExists(atPath: out), "nothing was written")
    }
}
