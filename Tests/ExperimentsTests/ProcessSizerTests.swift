import Experiments
import Foundation
import Glibc
import PluginHost
import SequenceModel
import TestSupport
import Testing

/// A shell script stands in for `zoo size-model`; its only argument is the path of the request.
struct ProcessSizerTests {
    private let temporary: TemporaryFolder

    init() throws { temporary = try TemporaryFolder() }

    private let request = SizingRequest(plugin: "/p/mamba.so", model: "mamba", parameters: 1000, context: 16)

    private func answer(
        _ script: String, limitSeconds: Double = 20, interrupted: @escaping () -> Bool = { false }
    ) throws -> SizingAnswer {
        let path = try temporary.write("cd \"$(dirname \"$1\")\"\n" + script, "size.sh")
        return try ProcessSizer(command: ["/bin/sh", path], limitSeconds: limitSeconds, isInterrupted: interrupted)
            .size(request)
    }

    @Test func anAnswerIsTaken() throws {
        let sized = SizedModel(
            configuration: ConfigurationJSON(json(#"{"hidden_size": 8}"#)), parameters: 990, initialisation: "ones")
        let text = try JSONFile.text(["sized": sized])
        #expect(try answer("cat > result.json <<'END'\n\(text)END\n") == .sized(sized))
        let refusal = SizingRefusal(stage: .propose, isFault: false, message: "too small")
        let words = try JSONFile.text(["refused": refusal])
        #expect(try answer("cat > result.json <<'END'\n\(words)END\n") == .refused(refusal))
    }

    @Test func theRequestArrives() throws {
        let copy = temporary.path + "/copy.json"
        _ = try answer("cp \"$1\" '\(copy)'")
        #expect(try JSONFile.read(SizingRequest.self, from: copy) == request)
    }

    @Test(arguments: [
        ("kill -SEGV $$", "SIGSEGV (segmentation fault)"),
        (
            "echo '{\"phase\":\"propose\"}' > phases.jsonl; echo words >&2; kill -ABRT $$",
            "SIGABRT (aborted) in propose; last line: words"
        ),
        ("echo '{\"phase\":\"loading\"}' > phases.jsonl; exit 3", "ended its process with status 3 while loading"),
        ("exit 0", "ended its process with status 0"),
    ])
    func deathIsAnAnswer(_ script: String, _ detail: String) throws {
        #expect(try answer(script) == .failed(SizingFailure(status: .crashed, detail: detail)))
    }

    /// Also what it started is gone.
    @Test func silenceIsAnAnswer() throws {
        let mark = temporary.path + "/mark"
        let script = "echo '{\"phase\":\"create\"}' > phases.jsonl; (sleep 5; touch '\(mark)') & sleep 100"
        let begin = ContinuousClock.now
        let failure = SizingFailure(status: .timeout, detail: "did not answer within 2.0 s in create")
        #expect(try answer(script, limitSeconds: 2) == .failed(failure))
        #expect(ContinuousClock.now - begin < .seconds(20))
        usleep(3_600_000)
        #expect(!FileManager.default.fileExists(atPath: mark))
    }

    @Test func whatIsNotThePluginsFaultEndsTheCommand() throws {
        let full = message { _ = try answer("echo 'error: no space' >&2; exit 75") }
        #expect(full?.code == .temporary && full?.text == "error: no space")
        let stopped = message { _ = try answer("sleep 100", interrupted: { true }) }
        #expect(stopped?.code == .interrupted && stopped?.text == "interrupted before the first run")
        let sizer = ProcessSizer(command: ["/no/such/program"])
        let none = message { _ = try sizer.size(request) }
        #expect(none?.code == .temporary && none?.text == "cannot start /no/such/program: No such file or directory")
    }

    /// What the other process does, on a real plugin.
    @Test func execution() throws {
        let path = try temporary.write("", "job.json")
        func reply(_ settings: JSONObject, parameters: Int = 10_000) throws -> JSONValue {
            let request = SizingRequest(
                plugin: try TestPlugins.bigram.get(), model: "bigram", parameters: parameters, context: 16,
                settings: settings)
            try JSONFile.write(request, to: path)
            try SizingExecution(requestFile: path).run()
            return json(try String(contentsOfFile: temporary.path + "/result.json", encoding: .utf8))
        }
        let sized = try reply([:])["sized"]
        #expect(sized?["parameters"] == .integer(9984) && sized?["configuration"]?["hidden_size"] == .integer(19))
        #expect(try reply(["hidden_size": .integer(2)])["sized"]?["parameters"] == .integer(1280))
        let refused = try reply(["hidden_sise": .integer(2)])["refused"]
        #expect(refused?["stage"] == .string("resolve") && refused?["isFault"] == .boolean(false))
        #expect(refused?["message"] == .string("unknown key \"hidden_sise\"; did you mean \"hidden_size\"?"))
        #expect(try reply([:], parameters: 10)["refused"]?["stage"] == .string("propose"))
        let phases = try String(contentsOfFile: temporary.path + "/phases.jsonl", encoding: .utf8)
        #expect(phases.hasSuffix("{\"phase\":\"loading\"}\n{\"phase\":\"propose\"}\n"))
    }
}
