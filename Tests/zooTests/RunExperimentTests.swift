import Foundation
import SequenceModel
import TestSupport
import Testing
import Training

/// `zoo run` and `zoo query` as a user starts them.
@Suite(.serialized) struct RunExperimentTests {
    /// A folder with the honest bigram model and one that takes its time.
    static let plugins = Result<String, any Error> {
        let folder = try TemporaryFolder.make()
        try FileManager.default.copyItem(atPath: try TestPlugins.bigram.get(), toPath: folder + "/libbigram.so")
        let slow = try TestPlugins.compile("failing.c", defines: ["FAILING_ID=\"slow\"", "FAIL_AT=0", "FAIL_SLOW"])
        try FileManager.default.copyItem(atPath: slow, toPath: folder + "/libslow.so")
        return folder
    }

    /// A folder with an experiment and its text; the path of the file.
    private func experiment(_ more: String = "") throws -> String {
        let folder = try TemporaryFolder.make()
        try Data(GrammarCorpus(seed: 5, size: 40_000).text).write(to: URL(fileURLWithPath: folder + "/text.txt"))
        let text = """
            name = "small"
            models = ["bigram", "slow"]
            seeds = 2
            decode_contexts = [16]
            [data]
            files = ["text.txt"]
            [budget]
            parameters = "10k"
            context = 32
            batch = 4
            steps = 20
            \(more)
            [[comparison]]
            name = "one"
            [[comparison]]
            name = "two"
            models = ["bigram"]
            [comparison.tuning]
            learning_rate = [0.01, 0.02]

            """
        try text.write(toFile: folder + "/small.toml", atomically: true, encoding: .utf8)
        return folder + "/small.toml"
    }

    private func run(_ file: String, _ out: String, _ more: String...) throws -> ZooProcess {
        try ZooProcess(["run", file, "--plugins", try RunExperimentTests.plugins.get(), "--out", out] + more)
    }

    /// A file of results without what depends on the clock.
    private func timeless(_ path: String) throws -> String {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let keys = "curve_seconds|peak_memory_bytes|seconds|tokens_per_second|train_tokens_per_second|started|command"
        return try text.replacing(Regex("\"(\(keys))\": ?(\\[[^\\]]*\\]|\"[^\"]*\"|[-+.0-9e]+|null)"), with: "")
    }

    @Test func anExperimentIsRunOnceAndTheSameEachTime() throws {
        let file = try experiment()
        let out = try TemporaryFolder.make() + "/out"
        let first = try run(file, out, "--jobs", "2").wait()
        #expect(first.status == 0 && !first.wasKilled, "\(first.errors)")
        #expect(first.output.contains("one\n═══\n") && first.output.contains("8 runs, 0 of them done before\n"), "\(first.output)")
        for name in ["one/results.json", "one/report.html", "two/report.html", "results.jsonl", "results.sqlite", "experiment.toml"] {
            #expect(FileManager.default.fileExists(atPath: "\(out)/\(name)"), "\(name)")
        }
        let page = try String(contentsOfFile: out + "/one/report.html", encoding: .utf8)
        #expect(page.contains("up to 2 runs were at work at once"))

        // All is done: nothing is run.
        let again = try run(file, out, "--jobs", "2", "--json").wait()
        #expect(again.status == 0, "\(again.errors)")
        let value = try JSONParser.parse(again.output, maximumBytes: 1 << 24)
        #expect(value["runs"] == .integer(8) && value["reused"] == .integer(8))
        #expect(value["comparisons"]?.arrayValue?.map { $0["name"] } == [.string("one"), .string("two")])

        // In another folder, the same but for the times.
        let other = try TemporaryFolder.make() + "/out"
        #expect(try run(file, other, "--jobs", "2", "--quiet").wait().status == 0)
        for name in ["results.jsonl", "one/results.json", "two/results.json"] {
            let (a, b) = try (timeless("\(out)/\(name)"), timeless("\(other)/\(name)"))
            #expect(a == b && a.count > 1000, "\(name)")
        }

        // A change runs what it touches: one seed more, of one comparison.
        let changed = try run(file, out, "--jobs", "2", "--set", "comparison.two.seeds=3").wait()
        #expect(changed.output.contains("9 runs, 8 of them done before\n"), "\(changed.output)")
        #expect(try run(file, out, "--set", "name=other").wait().errors.contains("error: \(out) holds the experiment small, not other\n"))

        let query = try ZooProcess.run(
            "query", out, "SELECT comparison, model, count(*) AS runs FROM results GROUP BY 1, 2 ORDER BY 1, 2", "--csv")
        #expect(query.output == "comparison,model,runs\r\none,bigram,2\r\none,slow,2\r\ntwo,bigram,3\r\n", "\(query.errors)")
        let steps = try ZooProcess.run("query", out, "SELECT count(*) AS n FROM metrics WHERE name = 'loss' AND model = 'slow'", "--json")
        #expect(steps.output == "[{\n    \"n\": 40\n  }]\n", "\(steps.output)")
        #expect(try ZooProcess.run("query", out).output.contains("Three examples:\n  zoo query \(out) \"SELECT"))
        let wrong = try ZooProcess.run("query", out, "DROP TABLE runs")
        #expect(wrong.status == 64 && wrong.errors.hasPrefix("error: a query begins with SELECT, WITH, VALUES or EXPLAIN, not with DROP\n"))
        try Data("damaged".utf8).write(to: URL(fileURLWithPath: out + "/results.sqlite"))
        let damaged = try ZooProcess.run("query", out, "SELECT 1")
        #expect(damaged.status == 2 && damaged.errors.contains("hint: zoo query \(out) --rebuild makes it anew"), "\(damaged.errors)")
        let rebuilt = try ZooProcess.run("query", out, "SELECT count(*) FROM results", "--rebuild", "--csv")
        #expect(rebuilt.output == "count(*)\r\n7\r\n" && rebuilt.errors == "\(out)/results.sqlite was made anew: 9 runs\n", "\(rebuilt.errors)")

        let events = try ZooProcess.run("report", out, "--format", "tensorboard")
        #expect(events.status == 0 && events.output == "\(out)/tensorboard\n", "\(events.errors)")
    }

    /// The files that come with the program hold for the models that come with it: with one mistake put into each, just that one is told.
    @Test(arguments: ["quick", "families", "scaling", "truths"]) func shippedFilesHold(_ name: String) throws {
        let file = "\(Commands.repository)/zoo/experiments/\(name).toml"
        let result = try ZooProcess.run("run", file, "--set", "seeds=0", "--dry-run")
        #expect(result.status == 2 && result.errors.hasPrefix("error: \(file): seeds is 0; allowed: "), "\(result.errors)")
    }

    @Test func aKilledExperimentGoesOn() throws {
        let file = try experiment()
        let whole = try TemporaryFolder.make() + "/out"
        #expect(try run(file, whole, "--jobs", "2").wait().status == 0)
        let out = try TemporaryFolder.make() + "/out"
        for signal in [SIGINT, SIGKILL] {
            let process = try run(file, out, "--jobs", "2")
            let target = signal == SIGINT ? 5 : 12
            while process.isRunning, lastStep(out) < target { usleep(2000) }
            process.signal(signal)
            let ending = try process.wait()
            if signal == SIGINT {
                #expect(ending.status == 130 && !ending.wasKilled, "\(ending.errors)")
                #expect(ending.errors.contains("error: interrupted\nhint: the same command goes on where this one stopped\n"))
            }
        }
        let last = try run(file, out, "--jobs", "2").wait()
        #expect(last.status == 0, "\(last.errors)")
        for name in ["results.jsonl", "one/results.json", "two/results.json"] {
            #expect(try timeless("\(out)/\(name)") == timeless("\(whole)/\(name)"), "\(name)")
        }
    }

    /// Of the first run of the slow model.
    private func lastStep(_ out: String) -> Int {
        let runs = (try? FileManager.default.contentsOfDirectory(atPath: out + "/runs")) ?? []
        guard let name = runs.sorted().first(where: { $0.hasPrefix("slow-seed-1-") }) else { return 0 }
        return (try? Training.RunLog.read("\(out)/runs/\(name)/log.jsonl"))?.last { $0["loss"] != nil }?["step"]?.integerValue ?? 0
    }

    @Test func aDryRunSaysWhatItWouldTakeAndWritesNothing() throws {
        let file = try experiment()
        let out = try TemporaryFolder.make() + "/out"
        let plain = try run(file, out, "--dry-run", "--jobs", "2", "--quiet").wait()
        #expect(plain.status == 0, "\(plain.errors)")
        #expect(plain.output.contains("8 runs, 0 of them done; the others take about ") && plain.output.contains("two         bigram"), "\(plain.output)")
        let result = try run(file, out, "--dry-run", "--jobs", "2", "--json").wait()
        let value = try JSONParser.parse(result.output)
        #expect(value["runs"] == .integer(8) && value["finished_runs"] == .integer(0) && (value["hours"]?.doubleValue ?? 0) > 0)
        let models = value["models"]?.arrayValue ?? []
        #expect(models.map { $0["model"] } == [.string("bigram"), .string("slow"), .string("bigram")])
        #expect(models[2]["tuning_runs"] == .integer(2) && models[2]["runs"] == .integer(2))
        // 6 for each of 9,984 parameters and each of 20 × 4 × 32 tokens; there is no attention.
        #expect(models[0]["operations"]?.doubleValue == 6 * 9984 * 2560 && models[0]["tokens"] == .integer(2560))
        #expect((models[0]["memory_bytes"]?.integerValue ?? 0) > 1 << 20)
        // The slow one waits in every step, and that is what is measured.
        #expect((models[1]["seconds"]?.doubleValue ?? 0) > (models[0]["seconds"]?.doubleValue ?? 1), "\(result.output)")
        #expect(!FileManager.default.fileExists(atPath: out))
    }

    @Test func mistakesAreAllNamed() throws {
        let file = try experiment("stepz = 3\n[training]\nwarm_up = 3")
        let result = try run(file, "/nowhere/out", "--set", "comparison.one.models=[\"bigrm\"]").wait()
        #expect(result.status == 2)
        #expect(
            result.errors == """
                error: \(file) has 3 problems:
                  budget.stepz: there is no such key; did you mean steps?
                  training.warm_up: there is no such key; did you mean warmup?
                  comparison.one.models: no plugin brings a model bigrm; did you mean bigram?
                hint: zoo run --help says what an experiment file holds

                """, "\(result.errors)")
        let missing = try run(file + "x", "/nowhere/out").wait()
        #expect(missing.status == 2 && missing.errors.hasPrefix("error: cannot read \(file)x: No such file or directory\n"))
        let text = try experiment()
        let gone = try run(text, "/nowhere/out", "--set", "data.files=[\"none.txt\"]").wait()
        #expect(gone.status == 2 && gone.errors.contains("none.txt"), "\(gone.errors)")
        let jobs = try run(text, "/nowhere/out", "--jobs", "0").wait()
        #expect(jobs.status == 64 && jobs.errors.contains("--jobs is 0; allowed: 1 to 1024"), "\(jobs.errors)")
        let query = try ZooProcess.run("query", try TemporaryFolder.make(), "SELECT 1")
        #expect(query.status == 2 && query.errors.contains("hint: zoo query takes the --out folder of zoo run"), "\(query.errors)")
    }
}
