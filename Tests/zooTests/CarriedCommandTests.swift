import Foundation
import SequenceModel
import TestSupport
import Testing

/// What a session has read goes with it, from text to text and from command to command.
struct CarriedCommandTests {
    private let folder: String

    init() throws { folder = try TemporaryFolder.make() }

    private func write(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        return "\(folder)/\(name)"
    }

    private func score(_ run: String, _ arguments: String...) throws -> JSONValue {
        let result = try ZooProcess(["score", run, "--json", "--quiet"] + arguments).wait()
        #expect(result.status == 0, "\(result.errors)")
        return try JSONParser.parse(result.output)
    }

    @Test func theSameByOneCommandOrTwo() throws {
        let run = try TrainedRun.transformer.get()
        let first = try write("first", String(repeating: "One line of text.\n", count: 12))
        let second = try write("second", "One line of text.\nAnd another line, longer.\n")
        let state = folder + "/first.state"
        let after = try score(run, "--data", second, "--read-first", first)
        let alone = try score(run, "--data", first, "--save-state", state)
        let loaded = try score(run, "--data", second, "--load-state", state)
        // In other pieces: to rounding.
        let twoWays = try [after, loaded].map { try #require($0["bits_per_byte"]?.doubleValue) }
        #expect(abs(twoWays[0] - twoWays[1]) < 1e-5)
        #expect(loaded["loaded_symbols"] == .integer(216) && alone["bits_per_byte_without"] == .null)
        // What is carried over changes the score; without it, it is that of one window.
        let (with, without) = (after["bits_per_byte"]?.doubleValue, after["bits_per_byte_without"]?.doubleValue)
        #expect(with != without)
        let window = try score(run, "--data", second, "--context", "1k")
        let difference = try #require(window["bits_per_byte"]?.doubleValue) - (try #require(without))
        #expect(abs(difference) < 1e-5)

        // Writing goes on from it as from the whole text.
        func text(_ arguments: String...) throws -> String {
            let result = try ZooProcess(["generate", run, "--tokens", "20", "--seed", "4"] + arguments).wait()
            #expect(result.status == 0, "\(result.errors)")
            return result.output
        }
        let whole = try String(contentsOfFile: first, encoding: .utf8)
        #expect(try whole + text("--load-state", state, "--prompt", "Say") == text("--prompt", whole + "Say"))
    }

    @Test func whatIsWrongIsSaid() throws {
        let (transformer, diffusion) = (try TrainedRun.transformer.get(), try TrainedRun.diffusion.get())
        let text = try write("text", "some text\n")
        let state = folder + "/a.state"
        _ = try score(transformer, "--data", text, "--save-state", state)
        func refusal(_ status: Int32, _ message: String, _ arguments: String...) throws {
            let result = try ZooProcess(arguments).wait()
            #expect(result.status == status && result.errors.contains(message), "\(result.errors)")
            #expect(result.output.isEmpty)
        }
        try refusal(
            64, "--read-first needs a model that reads on and keeps a state; diffusion has no sessions", "score", diffusion,
            "--data", text, "--read-first", text)
        try refusal(64, "models that keep a state: ", "generate", diffusion, "--load-state", state)
        try refusal(64, "it does not go with --context", "score", transformer, "--data", text, "--load-state", state, "--context", "32")
        try refusal(64, "--save-state is empty", "score", transformer, "--data", text, "--save-state", "")
        try refusal(2, "is not a saved state", "score", transformer, "--data", text, "--load-state", text)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: state))
        bytes.removeLast(7)
        try bytes.write(to: URL(fileURLWithPath: state))
        try refusal(2, "a.state is cut: its header announces", "score", transformer, "--data", text, "--load-state", state)
        try refusal(2, "a.state is cut: its header announces", "generate", transformer, "--load-state", state)
    }
}
