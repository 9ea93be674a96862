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

    /// Plugins that do not survive being asked how large they become.
    static let unsized = ["propose_crash", "propose_hang", "propose_exit", "create_crash"]

    /// A folder with the honest bigram model and those that fail.
    static let plugins = Result<String, any Error> {
        let folder = try TemporaryFolder.make()
        try FileManager.default.copyItem(atPath: try TestPlugins.bigram.get(), toPath: folder + "/libbigram.so")
        let kinds = [("crash", 4), ("hang", 3), ("diverge", 5), ("error", 2), ("slow", 0)]
        for (kind, call) in kinds + CompareTests.unsized.map({ ($0, 1_000_000) }) {
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

    /// Plugins that crash, hang or leave while they are sized are rows; the honest one among them is measured.
    @Test func everyEndingOfSizingIsARow() throws {
        let out = try TemporaryFolder.make() + "/out"
        let models = [CompareTests.unsized[0], "bigram"] + CompareTests.unsized.dropFirst()
        let ending = try ZooProcess(arguments(models, out, "--timeout", "0.08")).wait()
        #expect(ending.status == 0 && !ending.wasKilled, "\(ending.errors)")
        let rows = try results(out)
        #expect(rows.map { $0["model"]?.stringValue } == models)
        #expect(rows.map { $0["status"]?.stringValue } == ["crashed", "ok", "timeout", "crashed", "crashed"])
        #expect(
            rows.map { $0["detail"]?.stringValue } == [
                "SIGSEGV (segmentation fault) in propose; last line: about to propose what is not there", "",
                "did not answer within 4.8 s in propose", "ended its process with status 0 in propose",
                "SIGABRT (aborted) in create",
            ])
        #expect(rows.map { $0["parameters"] } == [.null, .integer(9984), .null, .null, .null])
        #expect(
            rows[1]["decode"]?.arrayValue?.allSatisfy { ($0["peak_memory_bytes"]?.integerValue ?? 0) > 1 << 20 } == true
        )
        #expect(ending.output.contains("propose_hang, seed 1: timeout: did not answer within 4.8 s in propose\n"))
        let page = try String(contentsOfFile: out + "/report.html", encoding: .utf8)
        for model in models { #expect(page.contains(">\(model)</th>")) }
        // Alone it is a comparison in which no run ended well.
        let alone = try ZooProcess(arguments(["create_crash"], out + "2")).wait()
        #expect(alone.status == 2 && alone.errors.contains("error: no run ended well\n"), "\(alone.errors)")
    }

    @Test func interruptedWhileSizing() throws {
        let out = try TemporaryFolder.make() + "/out"
        let process = try ZooProcess(arguments(["propose_hang", "bigram"], out))
        Thread.sleep(forTimeInterval: 1)
        process.signal(SIGINT)
        let ending = try process.wait()
        #expect(ending.status == 130 && !ending.wasKilled)
        #expect(ending.errors == "error: interrupted before the first run\n", "\(ending.errors)")
        #expect(!FileManager.default.fileExists(atPath: out))
    }

    /// The text is another one after the plan was made: the run says so, and so does the table.
    @Test func changedTextIsARow() throws {
        let out = try TemporaryFolder.make() + "/out"
        let text = try TemporaryFolder.make() + "/text.txt"
        try FileManager.default.copyItem(atPath: CompareTests.text, toPath: text)
        let size = try Data(contentsOf: URL(fileURLWithPath: text)).count
        var words = try arguments(["slow"], out)
        words[words.firstIndex(of: CompareTests.text) ?? 0] = text
        let process = try ZooProcess(words)
        while process.isRunning, lastStep(out + "/runs/slow-seed-1/log.jsonl") < 5 { usleep(2000) }
        try Data("short".utf8).write(to: URL(fileURLWithPath: text))
        let ending = try process.wait()
        #expect(ending.status == 2 && !ending.wasKilled, "\(ending.errors)")
        let row = try #require(try results(out).first)
        #expect(row["status"]?.stringValue == "crashed")
        let detail = row["detail"]?.stringValue ?? ""
        #expect(detail.hasPrefix("exit status 2 after step "), "\(detail)")
        #expect(
            detail.contains("data file \(text) changed while it was in use: it had \(size) bytes and now has 5"),
            "\(detail)")
    }

    @Test func fullDiskIsSaidAndTriedAgain() throws {
        let out = try TemporaryFolder.make() + "/out"
        // Room for the log and not for the parameters, which take 40 kB.
        let full = try ZooProcess(arguments(["bigram"], out), limit: 30_000).wait()
        #expect(!full.wasKilled && full.status == 75, "\(full.status) \(full.errors)")
        #expect(full.errors.contains("crashed: exit status 75 after step "), "\(full.errors)")
        #expect(full.errors.contains("error: cannot write \(out)/report.html.tmp: File too large\n"), "\(full.errors)")
        #expect(!FileManager.default.fileExists(atPath: out + "/report.html.tmp"))
        let again = try ZooProcess(arguments(["bigram"], out)).wait()
        #expect(again.status == 0, "\(again.errors)")
        #expect(try results(out).first?["status"]?.stringValue == "ok")
    }

    /// Where the results cannot go.
    @Test func foldersThatCannotBe() throws {
        let folder = try TemporaryFolder.make()
        let (file, locked) = (folder + "/file", folder + "/locked")
        try Data("x".utf8).write(to: URL(fileURLWithPath: file))
        try FileManager.default.createDirectory(
            atPath: locked, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o555])
        let cases: [(String, Int32, String)] = [
            ("", 64, "error: --out is empty; it names the folder for what comes out\n"),
            (file, 2, "error: \(file) cannot be a folder: a file is in its way\nhint: choose another --out\n"),
            (file + "/x", 2, "error: \(file)/x cannot be a folder: a file is in its way\nhint: choose another --out\n"),
            (locked, 2, "error: cannot open \(locked)/.lock: Permission denied\nhint: choose another --out\n"),
            (
                locked + "/x", 2,
                "error: cannot make the folder \(locked)/x: Permission denied\nhint: choose another --out\n"
            ),
        ]
        for (out, status, beginning) in cases {
            let ending = try ZooProcess(arguments(["bigram"], out, "--quiet"), isOrdinaryUser: true).wait()
            #expect(
                !ending.wasKilled && ending.status == status && ending.errors.hasPrefix(beginning), "\(ending.errors)")
        }
        let report = try ZooProcess.run("report", folder)
        #expect(report.status == 2)
        #expect(
            report.errors
                == "error: there is no \(folder)/results.json\nhint: zoo report takes the --out folder of a zoo compare that came to its end\n"
        )
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
        #expect(other.status == 2)
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
        (
            ["bigram", "--parameters", "1X"], 64,
            "error: --parameters is 1X; expected a whole number from 1 to 10^15, such as 300, 256k or 1M\n"
        ),
        (["bigram", "--seeds", "0"], 64, "error: --seeds is 0; expected how many"),
        (["bigram", "--minutes", "0"], 64, "--minutes is 0.0; expected a number over 0"),
        (["bigram", "--minutes", "inf"], 64, "--minutes is inf; expected a number over 0"),
        (["bigram", "--learning-rate", "nan"], 64, "--learning-rate is nan; expected a number over 0"),
        (["bigram", "--steps", "0"], 64, "error: --steps is 0; expected a whole number from 1"),
        (["bigram", "--steps", "-3"], 64, "error: --steps is -3; expected a whole number from 1"),
        (
            ["bigram", "--parameters", "1e30"], 64,
            "error: --parameters is 1e30; expected a whole number from 1 to 10^15"
        ),
        (["bigram", "--parameters", "abc"], 64, "error: --parameters is abc; expected a whole number from 1 to 10^15"),
        (["bigram", "--batch", "1e12"], 64, "batch is 1000000000000; allowed: a whole number from 1 to 1048576"),
        (["bigram", "--tokens", "5"], 64, "--tokens is 5, less than one step of 16 × 256 tokens"),
        (
            ["bigram", "--context", "16M", "--batch", "1M"], 64,
            "context × batch is 16777216 × 1000000; allowed: at most 2²⁸ tokens in a micro-batch"
        ),
        (["bigram", "--context", "0"], 64, "error: --context is 0; expected 1 to 16M"),
        (["bigram", "--seeds", "1,1"], 64, "error: --seeds is 1,1; expected how many"),
        (["bigram", "--split", "100"], 64, "the split \"100\" is not two or three whole numbers"),
        (["bigram", "--set", "hidden_size"], 64, "--set hidden_size: expected KEY=VALUE or MODEL.KEY=VALUE"),
        (["bigram", "--set", "bigrm.hidden_size=3"], 64, "hint: did you mean bigram.hidden_size?"),
        (["bigram", "--set", "hidden_size=0"], 2, "--set bigram.hidden_size: hidden_size is 0; allowed: 1 to 65536"),
        (["bigram", "--set", "steps=4"], 64, "steps is part of the budget that all models share\nhint: use --steps"),
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
