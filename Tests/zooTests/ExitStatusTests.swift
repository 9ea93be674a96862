import Foundation
import TestSupport
import Testing

/// One table of what is wrong and the status it gives: 64 for the command line by itself, 2 for what plugins, files and folders make of it.
struct ExitStatusTests {
    /// Words that begin with "@" are paths below a folder that holds text.txt, broken.json, lama.json and nothing else.
    static let usage: [[String]] = [
        [""], ["lisst"], ["list", "--jsn"], ["list", "extra"], ["list", "--threads", "0"], ["list", "--threads", "x"], ["list", "--plugins", ""],
        ["doctor", "--threads", "-1"],
        ["train"], ["train", "transformer"], ["train", "transformer", "--out", ""],
        ["train", "transformer", "--out", "@run", "--data", ""],
        ["train", "transformer", "--out", "@run", "--config", ""],
        ["train", "transformer", "--out", "@run", "--config", "@broken.json", "--parameters", "1M"],
        ["train", "transformer", "--out", "@run", "--batch", "0"], ["train", "transformer", "--out", "@run", "--batch", "1e9"],
        ["train", "transformer", "--out", "@run", "--steps", "0.5"], ["train", "transformer", "--out", "@run", "--minutes", "0"],
        ["train", "transformer", "--out", "@run", "--minutes", "nan"], ["train", "transformer", "--out", "@run", "--warmup", "-1"],
        ["train", "transformer", "--out", "@run", "--keep", "0"], ["train", "transformer", "--out", "@run", "--schedule", "cosin"],
        ["train", "transformer", "--out", "@run", "--split", "0/1"], ["train", "transformer", "--out", "@run", "--beta1", "1"],
        ["train", "transformer", "--out", "@run", "--evaluate-every", "-1"],
        ["train", "transformer", "--out", "@run", "--checkpoint-every", "-1"],
        ["train", "transformer", "--out", "@run", "--steps", "5", "--tokens", "5"],
        ["train", "transformer", "--out", "@run", "--set", "x"], ["train", "transformer", "--out", "@run", "--set", "hiden=3"],
        ["train", "transformer", "--out", "@run", "--set", "epsilon=0"],
        ["compare", "transformer", "--out", ""], ["compare", "transformer", "--out", "@run", "--data", ""],
        ["compare", "transformer", "transformer", "--out", "@run"], ["compare", "transformer", "--all", "--out", "@run"],
        ["compare", "transformer", "--out", "@run", "--seeds", "0"], ["compare", "transformer", "--out", "@run", "--timeout", "0"],
        ["compare", "transformer", "--out", "@run", "--timeout", "inf"], ["compare", "transformer", "--out", "@run", "--minutes", "-1"],
        ["compare", "transformer", "--out", "@run", "--decode-contexts", "256,"],
        ["compare", "transformer", "--out", "@run", "--decode-contexts", "0"],
        ["compare", "transformer", "--out", "@run", "--split", "1/2/x"], ["compare", "transformer", "--out", "@run", "--split", "90/10"],
        ["compare", "transformer", "--out", "@run", "--learning-rate", "0"],
        ["compare", "transformer", "--out", "@run", "--set", "hiden=3"], ["compare", "transformer", "--out", "@run", "--set", "mamba.x=3"],
        ["compare", "transformer", "--out", "@run", "--set", "learning_rate=-1"],
        ["compare", "transformer", "--out", "@run", "--set", "num_hidden_layers=9"],
        ["score"], ["score", "@none"], ["score", "@none", "--data", ""], ["score", "@none", "--data", "@text.txt", "--tokens", "@text.txt"],
        ["score", "@none", "--data", "@text.txt", "--part", "tests"], ["score", "@none", "--data", "@text.txt", "--split", "x"],
        ["score", "@none", "--data", "@text.txt", "--batch", "0"], ["score", "@none", "--data", "@text.txt", "--replicates", "0"],
        ["score", "@none", "--data", "@text.txt", "--samples", "0"], ["score", "@none", "--data", "@text.txt", "--seed", "-1"],
        ["score", "@none", "--tokens", "@text.txt", "--logits", ""],
        ["generate"], ["generate", "@none", "--tokens", "-1"], ["generate", "@none", "--temperature", "-1"],
        ["generate", "@none", "--temperature", "inf"], ["generate", "@none", "--top-k", "0"], ["generate", "@none", "--top-p", "0"],
        ["generate", "@none", "--steps", "0"], ["generate", "@none", "--seed", "1.5"],
        ["bench", "nothing"], ["bench", "train"], ["bench", "train", "--config", ""], ["bench", "train", "--config", "@none", "--batch", "0"],
        ["bench", "decode", "--config", "@none", "--budget", "0"], ["bench", "decode", "--config", "@none", "--tokens", "0"],
        ["bench", "decode", "--config", "@none", "--budget", "nan"],
        ["bench", "kernels", "--width", "100"], ["bench", "kernels", "--seconds", "-1"], ["bench", "abi", "--repeats", "0"],
        ["report"], ["report", ""], ["report", "@none", "--format", "pdf"], ["report", "@none", "--out", ""],
    ]

    static let dataOrPlugin: [[String]] = [
        ["list", "--plugins", "@none"], ["list", "--plugins", "@text.txt"], ["doctor", "--plugins", "@none"],
        ["bench", "abi", "--plugins", "@text.txt"],
        ["train", "transfomer", "--out", "@run"], ["train", "transformer", "--out", "@run", "--data", "@none"],
        ["train", "transformer", "--out", "@run", "--plugins", "@text.txt"],
        ["train", "transformer", "--out", "@run", "--data", "@*.none"], ["train", "transformer", "--out", "@run", "--config", "@none"],
        ["train", "transformer", "--out", "@run", "--config", "@broken.json"],
        ["train", "transformer", "--out", "@run", "--config", "@lama.json"],
        ["train", "transformer", "--out", "@run", "--parameters", "10"], ["train", "transformer", "--out", "@run", "--resume"],
        ["train", "transformer", "--out", "@run", "--data", "@text.txt"],
        ["train", "transformer", "--out", "@run", "--set", "hidden_size=-3"], ["train", "transformer", "--out", "@"],
        ["train", "transformer", "--out", "@text.txt"],
        ["compare", "transfomer", "--out", "@run"], ["compare", "transformer", "--out", "@run", "--data", "@none"],
        ["compare", "transformer", "--out", "@run", "--parameters", "10"], ["compare", "transformer", "--out", "@run", "--data", "@text.txt"],
        ["compare", "transformer", "--out", "@run", "--set", "hidden_size=-3"], ["compare", "transformer", "--out", "@"],
        ["compare", "transformer", "--out", "@text.txt"], ["compare", "transformer", "--out", "@run", "--plugins", "@text.txt"],
        ["score", "@none", "--data", "@text.txt"], ["score", "@", "--data", "@text.txt"], ["generate", "@none"], ["generate", "@text.txt"],
        ["bench", "train", "--config", "@none"], ["bench", "decode", "--config", "@broken.json"],
        ["bench", "decode", "--config", "@lama.json"],
        ["report", "@none"], ["report", "@broken.json"], ["report", "@"],
    ]

    @Test func theCommandLineIsAtFault() throws { try check(ExitStatusTests.usage, 64) }

    @Test func aPluginOrDataIsAtFault() throws { try check(ExitStatusTests.dataOrPlugin, 2) }

    private func check(_ cases: [[String]], _ status: Int32) throws {
        let folder = try TemporaryFolder.make()
        for (name, text) in [
            ("text.txt", "a short text"), ("broken.json", "{"), ("lama.json", #"{"model_type": "lama"}"#),
        ] { try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }
        for words in cases {
            let arguments = words.map { $0.hasPrefix("@") ? ($0 == "@" ? folder : "\(folder)/\($0.dropFirst())") : $0 }
            let result = try ZooProcess(arguments).wait()
            #expect(!result.wasKilled && result.status == status, "\(words.joined(separator: " ")): \(result.status) \(result.errors)")
            #expect(result.errors.hasPrefix("error: ") && result.output.isEmpty, "\(words.joined(separator: " ")): \(result.errors)")
            let left = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            #expect(left == ["broken.json", "lama.json", "text.txt"], "\(words.joined(separator: " ")): \(left)")
        }
    }

    /// What only the model of a checkpoint can say, and says of the command line.
    @Test func optionsThatAModelDoesNotTake() throws {
        let (transformer, diffusion) = (try TrainedRun.transformer.get(), try TrainedRun.diffusion.get())
        for arguments in [
            [transformer, "--sampler", "ancestral"], [transformer, "--steps", "3"], [diffusion, "--top-k", "3"],
            [diffusion, "--sampler", "nope"],
        ] {
            let result = try ZooProcess(["generate"] + arguments).wait()
            #expect(result.status == 64, "\(arguments): \(result.errors)")
        }
    }
}
