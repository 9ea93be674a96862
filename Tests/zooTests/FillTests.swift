import Foundation
import SequenceModel
import TestSupport
import Testing

/// Gaps in a prompt, at the command line.
struct FillTests {
    @Test func gapsAreFilledAndTheRestStays() throws {
        let run = try TrainedRun.diffusion.get()
        let arguments = ["generate", run, "--prompt", "ROMEO: ___ art thou_", "--gap", "_", "--seed", "3", "--quiet"]
        let result = try ZooProcess(arguments + ["--json"]).wait()
        #expect(result.status == 0, "\(result.errors)")
        let last = try JSONParser.parse(try #require(result.output.split(separator: "\n").last.map(String.init)))
        let symbols = (last["symbols"]?.arrayValue ?? []).compactMap(\.integerValue)
        try #require(symbols.count == 20)
        #expect(symbols.allSatisfy { (0 ..< 256).contains($0) })
        #expect(symbols[..<7].map { UInt8($0) } == Array("ROMEO: ".utf8) && symbols[10 ..< 19].map { UInt8($0) } == Array(" art thou".utf8))
        let filled = try #require(last["filled"]?.arrayValue)
        #expect(filled.map { $0["begin"]?.integerValue } == [7, 19])
        // The same seed, the same text; written once, without the prompt in front.
        let plain = try ZooProcess(arguments).wait()
        #expect(plain.output == (last["text"]?.stringValue ?? "?") + "\n" && plain.errors.isEmpty)
        // And text behind it on demand.
        let longer = try ZooProcess(arguments + ["--json", "--tokens", "5"]).wait()
        let end = try JSONParser.parse(try #require(longer.output.split(separator: "\n").last.map(String.init)))
        #expect(end["symbols"]?.arrayValue?.count == 25)
    }

    @Test func whatIsWrongIsSaid() throws {
        let (transformer, diffusion) = (try TrainedRun.transformer.get(), try TrainedRun.diffusion.get())
        func refusal(_ message: String, _ arguments: String...) throws {
            let result = try ZooProcess(["generate"] + arguments).wait()
            #expect(result.status == 64 && result.errors.contains(message), "\(result.errors)")
            #expect(result.output.isEmpty)
        }
        try refusal("transformer only writes on from what stands before: it cannot fill gaps", transformer, "--prompt", "a_b", "--gap", "_")
        try refusal("models that fill in: block-diffusion, diffusion, llada", transformer, "--prompt", "a_b", "--gap", "_")
        try refusal("--gap is _, and the prompt has no _", diffusion, "--prompt", "ab", "--gap", "_")
        try refusal("--gap is \"__\"; expected one character of the prompt", diffusion, "--prompt", "a__b", "--gap", "__")
        try refusal("it takes neither --top-k nor --top-p", diffusion, "--prompt", "a_b", "--gap", "_", "--top-k", "3")
    }
}
