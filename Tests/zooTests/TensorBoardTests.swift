import Foundation
import SequenceModel
import TestSupport
import Testing
import Training

/// TensorBoard itself reads what `zoo report --format tensorboard` writes. `make test` installs its reader beside what is built.
struct TensorBoardTests {
    static let reader = URL(fileURLWithPath: ZooProcess.executable).deletingLastPathComponent().deletingLastPathComponent().path + "/python"

    @Test(.enabled(if: FileManager.default.fileExists(atPath: reader + "/tensorboard"), "TensorBoard is not installed: make setup-tests"))
    func readsBack() throws {
        let folder = try TemporaryFolder.make()
        try Data(GrammarCorpus(seed: 5, size: 40_000).text).write(to: URL(fileURLWithPath: folder + "/text.txt"))
        let trained = try ZooProcess.run(
            "train", "bigram", "--plugins", RunExperimentTests.plugins.get(), "--data", folder + "/text.txt", "--steps", "12", "--context", "32",
            "--batch", "2", "--out", folder + "/run", "--set", "evaluate_every=6")
        try #require(trained.status == 0, "\(trained.errors)")
        let written = try ZooProcess.run("report", folder + "/run", "--format", "tensorboard")
        try #require(written.status == 0, "\(written.errors)")
        let script = """
            import glob, sys
            from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
            for path in glob.glob(sys.argv[1] + "/**/events*", recursive=True):
                events = EventAccumulator(path).Reload()
                for tag in sorted(events.Tags()["scalars"]):
                    for event in events.Scalars(tag):
                        print(tag, event.step, repr(float(event.value)))
            """
        try script.write(toFile: folder + "/read.py", atomically: true, encoding: .utf8)
        let commands = Commands(in: folder, environment: ["PYTHONPATH": TensorBoardTests.reader])
        let read = try commands.run("python3 read.py '\(folder)/run/tensorboard' 2> errors.txt || cat errors.txt")
        // What the log says, number for number.
        let log = try String(contentsOfFile: folder + "/run/log.jsonl", encoding: .utf8)
        var expected: [String: Float] = [:]
        for line in log.split(separator: "\n") {
            let object = try JSONParser.parse(String(line))
            guard let step = object["step"]?.doubleValue else { continue }
            for key in ["loss", "validation_loss"] {
                if let value = object[key]?.doubleValue { expected["\(key) \(Int(step))"] = Float(value) }
            }
        }
        var found: [String: Float] = [:]
        for line in read.output.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 3, ["loss", "validation_loss"].contains(words[0]) { found["\(words[0]) \(words[1])"] = Float(words[2]) }
        }
        #expect(expected.count >= 14, "\(log)")
        #expect(found == expected, "\(read.output)")
    }
}
