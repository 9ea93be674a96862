import Foundation
import SequenceModel
import TestSupport
import Testing
import Training

/// `zoo train` as a user meets it: what it writes, and what it says when something is wrong.
struct TrainTests {
    let folder: String

    init() throws { folder = try TemporaryFolder.make() }

    func write(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        return "\(folder)/\(name)"
    }

    func train(_ arguments: String...) throws -> ZooProcess.Result {
        try ZooProcess(["train"] + arguments + ["--out", folder + "/run", "--quiet"]).wait()
    }

    @Test func writesARunDirectoryThatOpens() throws {
        let result = try train(
            "transformer", "--parameters", "50k", "--context", "32", "--batch", "4", "--steps", "6", "--checkpoint-every", "3",
            "--json")
        #expect(result.status == 0, "\(result.errors)")
        let json = try JSONParser.parse(result.output)
        #expect(json["status"] == .string("ok") && json["steps"] == .integer(6) && json["tokens"] == .integer(768))
        let parameters = try #require(json["parameters"]?.integerValue)
        #expect(abs(Double(parameters) - 50_000) <= 2500)
        #expect(json["entropy_bits_per_byte"]?.doubleValue.map { $0 > 0.5 && $0 < 1 } == true)
        let run = RunDirectory(folder + "/run")
        let configuration = try ConfigurationFile.read(run.configurationPath)
        #expect(configuration.modelType == "transformer" && configuration.keys["hidden_size"]?.integerValue != nil)
        #expect(try SafetensorsFile(path: run.parametersPath)["model.embed_tokens.weight"] != nil)
        #expect(Checkpoint.steps(in: run.checkpointsPath) == [6, 3])
        // The same command a second time would overwrite it.
        let again = try train("transformer", "--parameters", "50k", "--steps", "6")
        #expect(again.status == 2)
        #expect(
            again.errors
                == "error: \(folder)/run already holds a run\nhint: continue it with --resume, or name another folder with --out\n")
        // Other options are not the same run.
        let other = try train(
            "transformer", "--parameters", "50k", "--context", "32", "--batch", "4", "--steps", "9", "--resume")
        #expect(other.status == 2)
        #expect(other.errors.hasPrefix("error: this is not the run in \(folder)/run:\n  steps was 6 and is 9\n"))
        // The configuration of a run begins another one.
        let copy = try ZooProcess.run(
            "train", "transformer", "--config", run.configurationPath, "--context", "32", "--batch", "4", "--steps", "1", "--out",
            folder + "/copy", "--json", "--quiet")
        #expect(try JSONParser.parse(copy.output)["parameters"]?.integerValue == parameters)
    }

    /// Arguments, exit status, and what stderr begins with.
    @Test func saysWhatIsWrong() throws {
        let short = try write("short.txt", "too short")
        let empty = try write("empty.txt", "")
        let heads = try write("heads.json", #"{"hidden_size":64,"num_attention_heads":7}"#)
        let typo = try write("typo.json", #"{"model_type":"transformer","hiden_size":64}"#)
        let other = try write("other.json", #"{"model_type":"mamba"}"#)
        let broken = try write("broken.json", "{\n  \"hidden_size\": 64,\n}")
        let cases: [([String], Int32, String)] = [
            (["transfomer"], 2, "error: there is no model transfomer; did you mean transformer?"),
            (["transformer", "--data", folder + "/missing.txt"], 2, "error: data file \(folder)/missing.txt does not exist\n"),
            (["transformer", "--data", empty], 2, "error: data file \(empty) is empty\n"),
            (
                ["transformer", "--data", short, "--context", "64"], 2,
                "error: the train block has 8 bytes, less than one window of 64 + 1 bytes (\(short): 9 bytes split 90/5/5)\n"
            ),
            (["transformer", "--batch", "0"], 64, "error: --batch is 0; expected a whole number from 1 to 10^15"),
            (["transformer", "--context", "0"], 64, "error: --context is 0; expected 1 to 16M"),
            (["transformer", "--steps", "-3"], 64, "error: --steps is -3; expected a whole number from 1 to 10^15"),
            (["transformer", "--steps", "9e18"], 64, "error: --steps is 9e18; expected a whole number from 1 to 10^15"),
            (["transformer", "--parameters", "1e30"], 64, "error: --parameters is 1e30; expected a whole number from 1 to 10^15"),
            (["transformer", "--parameters", "abc"], 64, "error: --parameters is abc; expected a whole number"),
            (
                ["transformer", "--batch", "1k", "--accumulate", "1M", "--context", "16k", "--steps", "1"], 64,
                "error: context × batch × accumulate is 16384 × 1000 × 1000000; allowed: at most 2³² tokens in a step\n"
            ),
            (["transformer", "--seed", "-1"], 64, "error: --seed is -1; expected 0 or more\n"),
            (["transformer", "--seed", "abc"], 64, "error: --seed is abc; expected a number\n"),
            (["transformer", "--threads", "1.5"], 64, "error: --threads is 1.5; expected a whole number\n"),
            (["transformer", "--data", ""], 64, "error: --data is empty; it names the text\n"),
            (["transformer", "--set", "num_hidden_layers=5000"], 2, "error: configuration of transformer: num_hidden_layers is 5000; allowed: "),
            (["transformer", "--set", "vocab_size=10"], 2, "error: this configuration of transformer knows 10 symbols; the data have 256 (bytes)\n"),
            (["transformer", "--set", "hidden_size=wide"], 2, "error: configuration of transformer: hidden_size is \"wide\""),
            (["transformer", "--learning-rate", "0"], 64, "error: learning_rate is 0.0; allowed: a number over 0\n"),
            (["transformer", "--learning-rate", "nan"], 64, "error: learning_rate is nan; allowed: a number over 0\n"),
            (["transformer", "--steps", "5", "--warmup", "5"], 64, "error: warmup is 5 steps; allowed: fewer than the 5 steps of training\n"),
            (["transformer", "--steps", "5", "--minutes", "1"], 64, "error: there are 2 budgets, steps and minutes; give one\n"),
            (["transformer", "--split", "1/2/3/4"], 64, "error: split is \"1/2/3/4\"; allowed: \"90/5/5\" or the like\n"),
            (["transformer", "--config", heads], 2, "error: configuration of transformer: hidden_size is 64; allowed: a multiple of num_attention_heads (7)"),
            (["transformer", "--config", typo], 2, "error: configuration of transformer: "),
            (["transformer", "--config", other], 2, "error: \(other) is for the model \"mamba\", not for transformer\n"),
            (["transformer", "--config", broken], 2, "error: \(broken): JSON, line 3, column 1: a key in quotes was expected\n"),
            (["transformer", "--config", folder + "/none.json"], 2, "error: configuration \(folder)/none.json does not exist\n"),
            (["transformer", "--parameters", "10"], 2, "error: a configuration of transformer with 10 parameters: "),
            (
                ["transformer", "--set", "hidden_sise=4"], 64,
                "error: --set hidden_sise: neither training nor transformer has a key hidden_sise\nhint: did you mean hidden_size?\n"
            ),
            (
                ["transformer", "--set", "leraning_rate=4"], 64,
                "error: --set leraning_rate: neither training nor transformer has a key leraning_rate\nhint: did you mean learning_rate?\n"
            ),
            (["transformer", "--resume"], 2, "error: there is no run in \(folder)/run to resume\nhint: leave out --resume to begin one\n"),
        ]
        for (arguments, status, beginning) in cases {
            let result = try ZooProcess(["train"] + arguments + ["--out", folder + "/run", "--quiet"]).wait()
            #expect(!result.wasKilled && result.status == status, "\(arguments) \(result.status) \(result.errors)")
            #expect(result.errors.hasPrefix(beginning), "\(arguments): \(result.errors)")
            #expect(result.output.isEmpty)
            // Nothing half-written.
            #expect(!FileManager.default.fileExists(atPath: folder + "/run"), "\(arguments)")
        }
        let suggestion = try train("transformer", "--config", typo)
        #expect(suggestion.errors.contains("hidden_size"))
    }

    @Test func foldersThatCannotBe() throws {
        let file = try write("file", "x")
        let comparison = folder + "/comparison"
        try FileManager.default.createDirectory(atPath: comparison, withIntermediateDirectories: false)
        _ = try write("comparison/plan.json", "{}")
        let locked = folder + "/locked"
        try FileManager.default.createDirectory(
            atPath: locked, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o555])
        let cases: [(String, Int32, String)] = [
            ("", 64, "error: --out is empty; it names the run directory\n"),
            (file, 2, "error: \(file) is not a folder\n"), (file + "/x", 2, "error: \(file)"),
            (comparison, 2, "error: \(comparison) holds a comparison\nhint: name another folder with --out\n"),
            (locked + "/run", 2, "error: cannot create \(locked)/run: Permission denied\n"),
        ]
        for (out, status, beginning) in cases {
            let result = try ZooProcess(
                ["train", "transformer", "--parameters", "50k", "--context", "16", "--batch", "2", "--steps", "1", "--out", out, "--quiet"],
                isOrdinaryUser: true
            ).wait()
            #expect(!result.wasKilled && result.status == status, "\(out) \(result.status) \(result.errors)")
            #expect(result.errors.hasPrefix(beginning), "\(result.errors)")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: comparison) == ["plan.json"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: locked).isEmpty)
    }

    @Test func unreadableTextIsNamed() throws {
        let text = try write("secret.txt", "nobody may read this")
        try #require(chmod(text, 0) == 0)
        let result = try ZooProcess(
            ["train", "transformer", "--data", text, "--out", folder + "/run", "--quiet"], isOrdinaryUser: true
        ).wait()
        #expect(result.status == 2)
        #expect(result.errors == "error: cannot read \(text): Permission denied\n")
        #expect(!FileManager.default.fileExists(atPath: folder + "/run"))
    }

    /// A plugin that does not survive being asked for a configuration.
    @Test func aPluginThatDiesIsNamed() throws {
        let plugin = try TestPlugins.compile(
            "failing.c", defines: ["FAILING_ID=\"failing\"", "FAIL_AT=1000000", "FAIL_PROPOSE_CRASH"])
        let result = try train("failing", "--plugins", plugin)
        #expect(result.status == 2 && !result.wasKilled)
        #expect(
            result.errors == """
                error: failing crashed: SIGSEGV (segmentation fault) in propose; last line: about to propose what is not there
                hint: tell the author of \(plugin), or train another model

                """)
        #expect(!FileManager.default.fileExists(atPath: folder + "/run"))
    }

    @Test func aSizeThatSettingsChangedIsTold() throws {
        let result = try ZooProcess(
            [
                "train", "transformer", "--parameters", "50k", "--set", "num_hidden_layers=1", "--set", "hidden_size=96", "--context", "16",
                "--batch", "2", "--steps", "1", "--out", folder + "/run",
            ]
        ).wait()
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors.contains("% off --parameters 50000, because of --set"), "\(result.errors)")
    }

    @Test func divergenceIsAnAnswer() throws {
        let result = try train(
            "transformer", "--parameters", "50k", "--context", "16", "--batch", "2", "--steps", "30", "--learning-rate", "1e30", "--clip", "0",
            "--warmup", "0", "--json")
        #expect(result.status == 1, "\(result.errors)")
        #expect(result.errors.hasPrefix("error: transformer diverged at step "))
        #expect(try JSONParser.parse(result.output)["status"] == .string("diverged"))
        let status = try JSONParser.parse(String(contentsOfFile: folder + "/run/status.json", encoding: .utf8))
        #expect(status["status"] == .string("diverged"))
    }

    @Test func warnsOfOverlap() throws {
        let line = String(decoding: GrammarCorpus(seed: 1, size: 3000).text, as: UTF8.self)
        let text = try write("twice.txt", String(repeating: line, count: 3))
        let result = try train("transformer", "--data", text, "--parameters", "50k", "--context", "16", "--batch", "2", "--steps", "1")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors.contains("pieces of 64 bytes of the test block are also in the train block"))
    }
}
