import Foundation
import SequenceModel
import TestSupport
import Testing

/// `zoo generate` as a user meets it.
struct GenerateTests {
    private func events(_ arguments: [String]) throws -> [JSONValue] {
        let result = try ZooProcess(["generate"] + arguments + ["--json"]).wait()
        #expect(result.status == 0, "\(result.errors)")
        return try result.output.split(separator: "\n").map { try JSONParser.parse(String($0)) }
    }

    @Test func aCausalModelStreamsItsText() throws {
        let run = try TrainedRun.transformer.get()
        let arguments = [run, "--prompt", "Say", "--tokens", "40", "--seed", "7"]
        let events = try events(arguments)
        #expect(events.first?["text"] == .string("Say"))
        let pieces = events.filter { $0["event"] == .string("append") }
        #expect(pieces.count == 40)
        let last = try #require(events.last)
        #expect(last["event"] == .string("done"))
        #expect(last["symbols"]?.arrayValue?.count == 40)
        #expect(last["symbols"]?.arrayValue == pieces.flatMap { $0["symbols"]?.arrayValue ?? [] })
        let text = try #require(last["text"]?.stringValue)
        #expect(text.hasPrefix(pieces.compactMap { $0["text"]?.stringValue }.joined()))

        let plain = try ZooProcess(["generate"] + arguments).wait()
        #expect(plain.status == 0 && plain.output == "Say" + text + "\n")
        #expect(try ZooProcess(["generate"] + arguments).wait().output == plain.output)
        let other = try ZooProcess.run("generate", run, "--prompt", "Say", "--tokens", "40", "--seed", "8")
        #expect(other.output != plain.output)
    }

    @Test func theMostLikelySymbolsNeedNoSeed() throws {
        let run = try TrainedRun.transformer.get()
        func text(_ arguments: String...) throws -> String {
            try ZooProcess(["generate", run, "--prompt", "Say", "--tokens", "20"] + arguments).wait().output
        }
        let greedy = try text("--temperature", "0", "--seed", "1")
        #expect(try text("--temperature", "0", "--seed", "2") == greedy)
        #expect(try text("--top-k", "1", "--seed", "3") == greedy)
        #expect(try text("--top-p", "1e-6", "--seed", "4") == greedy)
    }

    @Test func aDiffusionModelShowsItsRefinement() throws {
        let run = try TrainedRun.diffusion.get()
        let events = try events([run, "--prompt", "Say", "--tokens", "12", "--steps", "4", "--seed", "7"])
        #expect(events.filter { $0["event"] == .string("step") }.count == 4)
        #expect(events.contains { $0["event"] == .string("replace") })
        let last = try #require(events.last)
        let symbols = try #require(last["symbols"]?.arrayValue?.map { $0.integerValue ?? -1 })
        #expect(symbols.count == 12 && symbols.allSatisfy { (0 ..< 256).contains($0) })
        let plain = try ZooProcess.run(
            "generate", run, "--prompt", "Say", "--tokens", "12", "--steps", "4", "--seed", "7", "--quiet")
        #expect(plain.output == "Say" + (last["text"]?.stringValue ?? "?") + "\n")
        #expect(plain.errors.isEmpty)
    }

    @Test func whatIsWrongIsSaid() throws {
        let (transformer, diffusion) = (try TrainedRun.transformer.get(), try TrainedRun.diffusion.get())
        func refusal(_ status: Int32, _ message: String, _ arguments: String...) throws {
            let result = try ZooProcess(["generate"] + arguments).wait()
            #expect(result.status == status && result.errors.contains(message), "\(result.errors)")
            #expect(result.output.isEmpty)
        }
        try refusal(64, "takes neither --steps nor --sampler", transformer, "--steps", "4")
        try refusal(64, "takes neither --top-k nor --top-p", diffusion, "--top-k", "4")
        try refusal(64, "temperature is -1.0; it must be 0 or more", transformer, "--temperature", "-1")
        try refusal(64, "top-k is 0; it must be at least 1", transformer, "--top-k", "0")
        try refusal(64, "top-p is 1.5; it must be above 0 and at most 1", transformer, "--top-p", "1.5")
        try refusal(64, "--tokens is -3; it must be 0 or more", transformer, "--tokens", "-3")
        try refusal(64, "--steps is 0; it must be at least 1", diffusion, "--steps", "0")
        try refusal(2, "does not exist", "/nonexistent")
        try refusal(64, "temperature is nan; it must be 0 or more", transformer, "--temperature", "nan")
        try refusal(64, "error: --tokens is abc; expected a number", transformer, "--tokens", "abc")
        try refusal(64, "error: --seed is -1; expected 0 or more", transformer, "--seed", "-1")
        try refusal(64, "sampler is \"nope\"; allowed: ", diffusion, "--sampler", "nope")
        try refusal(2, "is not a checkpoint: it has no config.json", transformer + "/model.safetensors")
    }

    /// Without a prompt the model begins after a line break, which is not shown.
    @Test func anEmptyPromptIsABeginning() throws {
        for run in [try TrainedRun.transformer.get(), try TrainedRun.diffusion.get()] {
            let result = try ZooProcess.run("generate", run, "--prompt", "", "--tokens", "4", "--json", "--quiet")
            #expect(result.status == 0, "\(result.errors)")
            let last = try #require(try result.output.split(separator: "\n").last.map { try JSONParser.parse(String($0)) })
            #expect(last["symbols"]?.arrayValue?.count == 4)
        }
    }

    @Test func anInterruptedTextEndsItsLine() throws {
        let run = try TrainedRun.transformer.get()
        let process = try ZooProcess(["generate", run, "--tokens", "1000000"])
        // Until it writes; a model with a limit refuses so many symbols at once.
        Thread.sleep(forTimeInterval: 1)
        guard process.isRunning else {
            let result = try process.wait()
            #expect(result.status == 64 && result.errors.contains("takes at most"))
            return
        }
        process.signal(SIGINT)
        let result = try process.wait()
        #expect(result.status == 130 && !result.wasKilled, "\(result.errors)")
        #expect(result.output.hasSuffix("\n"))
        #expect(result.errors == "error: interrupted\n")
    }
}
