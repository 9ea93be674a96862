import Foundation
import SequenceModel
import TestSupport
import Testing

/// `zoo compare --vary` and `--match` with real models, as small as they can be.
@Suite(.serialized) struct VariantCommandTests {
    private func compare(_ arguments: String...) throws -> ZooProcess.Result {
        try ZooProcess(
            ["compare", "--data", CompareTests.text, "--context", "16", "--batch", "4", "--steps", "4", "--threads", "1", "--quiet"]
                + arguments
        ).wait()
    }

    private func rows(_ out: String) throws -> [JSONValue] {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: out + "/results.json")))
        return try JSONParser.parse(bytes, maximumBytes: 1 << 24)["rows"]?.arrayValue ?? []
    }

    @Test func theSameWeightsUnderOtherSettings() throws {
        let out = try TemporaryFolder.make() + "/out"
        let result = try compare(
            "ebt", "diffusion", "--parameters", "30k", "--decode-contexts", "16", "--vary", "ebt.inference_mcmc_steps=0,2",
            "--vary", "diffusion.steps=1,4", "--out", out)
        #expect(result.status == 0, "\(result.errors)")
        let rows = try rows(out)
        let ebt = rows[0]["variants"]?.arrayValue ?? []
        #expect(ebt.map { $0["value"]?.integerValue } == [0, 2] && ebt.allSatisfy { $0["reason"] == .string("") })
        // As many steps as in training are what the row says; none are another prediction, faster to have.
        let bits = ebt.map { $0["bits_per_byte"]?.doubleValue ?? 0 }
        try #require(bits.count == 2)
        #expect(bits[1] == rows[0]["bits_per_byte"]?.doubleValue && bits[0] != bits[1], "\(bits)")
        let speed = ebt.map { $0["score_tokens_per_second"]?.doubleValue ?? 0 }
        #expect(speed[0] > speed[1], "\(speed)")
        let diffusion = rows[1]["variants"]?.arrayValue ?? []
        #expect(diffusion.map { $0["value"]?.integerValue } == [1, 4] && diffusion.allSatisfy { $0["bits_per_byte"] == .null })
        for figure in ebt + diffusion {
            #expect((figure["generate_tokens_per_second"]?.doubleValue ?? 0) > 0 && (figure["sample_bits_per_byte"]?.doubleValue ?? 0) > 0)
            #expect((figure["samples"]?.integerValue ?? 0) >= 2 && (figure["text_bits_per_byte"]?.doubleValue ?? 9) < 3)
        }
        #expect(result.output.contains("ebt on the same weights, by inference_mcmc_steps\n"))
        #expect(try String(contentsOfFile: out + "/report.html", encoding: .utf8).contains("id=\"variants\""))
    }

    @Test func whatChangesParametersIsRefused() throws {
        let out = try TemporaryFolder.make() + "/out"
        let result = try compare("ebt", "--parameters", "30k", "--vary", "ebt.mcmc_step_embeddings=1,5", "--out", out)
        #expect(result.status == 64 && result.errors.contains("--vary ebt.mcmc_step_embeddings=1 changes the parameters: "), "\(result.errors)")
        #expect(!FileManager.default.fileExists(atPath: out))
        let typo = try compare("ebt", "--parameters", "30k", "--vary", "ebt.inference_mcmc_step=1", "--out", out)
        #expect(typo.status == 64 && typo.errors.contains("hint: did you mean ebt.inference_mcmc_steps?\n"), "\(typo.errors)")
    }

    @Test func equalState() throws {
        let out = try TemporaryFolder.make() + "/out"
        let result = try compare(
            "transformer", "mamba", "--parameters", "30k", "--match", "state", "--state", "16KiB", "--decode-contexts", "16", "--out", out)
        #expect(result.status == 0, "\(result.errors)")
        for row in try rows(out) {
            // What decoding saved after the same context is what the size was chosen by.
            let bytes = row["decode"]?.arrayValue?.first?["state_bytes"]?.doubleValue
            #expect(bytes != nil && bytes == row["matched"]?["value"]?.doubleValue)
            #expect(abs((row["matched"]?["deviation"]?.doubleValue ?? 1)) < 0.2, "\(row)")
        }
        #expect(result.output.contains("Sized to equal state, 16 KiB of state: transformer "))
        let none = try compare("diffusion", "--match", "state", "--state", "16KiB", "--out", out + "2")
        #expect(none.status == 2 && none.errors.contains("diffusion cannot be matched by state: it has no sessions"), "\(none.errors)")
    }

    @Test func optionsThatGoTogether() throws {
        func refusal(_ message: String, _ arguments: String...) throws {
            let result = try ZooProcess(["compare", "transformer"] + arguments).wait()
            #expect(result.status == 64 && result.errors.contains(message), "\(result.errors)")
        }
        try refusal("--match state needs --state", "--match", "state")
        try refusal("--operations is given without --match operations", "--operations", "1e12")
        try refusal("--match time needs --minutes", "--match", "time")
        try refusal("--match operations needs a number of steps or tokens", "--match", "operations", "--operations", "1T", "--minutes", "1")
        try refusal("--state is big; expected bytes", "--match", "state", "--state", "big")
        try refusal("--operations is 1Z; expected a number", "--match", "operations", "--operations", "1Z")
    }
}
