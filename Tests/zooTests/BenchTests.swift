import Foundation
import SequenceModel
import TestSupport
import Testing

/// `zoo bench`: that it measures and says what it documents. No speed is asserted.
struct BenchTests {
    let folder: String

    init() throws { folder = try TemporaryFolder.make() }

    private func bench(_ arguments: String...) throws -> JSONValue {
        let result = try ZooProcess(["bench"] + arguments + ["--json", "--quiet"]).wait()
        #expect(result.status == 0, "\(result.errors)")
        return try JSONParser.parse(result.output)
    }

    private func config(_ text: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/config.json"))
        return "\(folder)/config.json"
    }

    private static let llama = """
        {"model_type": "llama", "vocab_size": 256, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, \
        "num_attention_heads": 2, "num_key_value_heads": 2, "max_position_embeddings": 1024}
        """
    private static let mamba =
        "{\"model_type\": \"mamba\", \"vocab_size\": 256, \"hidden_size\": 32, \"num_hidden_layers\": 2}"

    @Test func training() throws {
        let json = try bench(
            "train", "--config", try config(Self.llama), "--batch", "2", "--context", "16", "--steps", "3")
        // Embedding and head 2 · 256 · 32; layers 2 · (4 · 32² + 3 · 32 · 64 + 2 · 32); norm 32.
        #expect(json["parameters"] == .integer(16384 + 20608 + 32))
        #expect(json["step_seconds"]?.arrayValue?.count == 3)
        for key in ["train_tokens_per_second", "peak_memory_bytes", "share_of_peak", "matrix_rate"] {
            #expect(json[key]?.doubleValue.map { $0 > 0 && $0.isFinite } == true, "\(key)")
        }
        let seconds = try #require(json["step_seconds"]?.arrayValue?.compactMap(\.doubleValue).sorted()[1])
        let rate = try #require(json["train_tokens_per_second"]?.doubleValue)
        #expect(abs(rate * seconds / 32 - 1) < 1e-9)
        // The libraries of all other models would be 80 MB more.
        #expect((json["peak_memory_bytes"]?.integerValue ?? .max) < 100_000_000)
        // 6 for each parameter and token; 12 for each of 2 layers, 32 channels and 136 pairs of 2 rows.
        let operations = 6.0 * 37024 * 32 + 12 * 2 * 32 * 136 * 2
        let share = try #require(json["share_of_peak"]?.doubleValue)
        let peak = try #require(json["matrix_rate"]?.doubleValue)
        #expect(abs(share * peak * seconds / operations - 1) < 1e-9)
    }

    @Test func decoding() throws {
        func decode(_ text: String, _ context: String) throws -> JSONValue {
            try bench("decode", "--config", try config(text), "--context", context, "--tokens", "4")
        }
        for text in [Self.llama, Self.mamba] {
            let (short, long) = (try decode(text, "16"), try decode(text, "64"))
            #expect(short["decode_tokens_per_second"]?.doubleValue.map { $0 > 0 } == true)
            #expect(short["prefill_tokens_per_second"]?.doubleValue.map { $0 > 0 } == true)
            let (before, after) = (
                try #require(short["state_bytes"]?.integerValue), try #require(long["state_bytes"]?.integerValue)
            )
            if text == Self.mamba {
                #expect(before == after && before > 0)
            } else {
                // A key and a value of 32 float32 in each of 2 layers for each of 48 more symbols.
                #expect(after - before == 48 * 2 * 2 * 32 * 4)
            }
        }
    }

    @Test func boundary() throws {
        let json = try bench("abi", "--repeats", "1")
        let plugins = try #require(json["plugins"]?.arrayValue)
        #expect(plugins.count >= 4)
        for plugin in plugins {
            #expect(plugin["call_nanoseconds"]?.doubleValue.map { $0 > 0 } == true)
            #expect(plugin["load_milliseconds"]?.doubleValue.map { $0 > 0 } == true)
        }
        #expect(json["list_seconds"]?.doubleValue.map { $0 > 0 } == true)
    }

    @Test func kernels() throws {
        let json = try bench(
            "kernels", "--seconds", "0", "--only", "gemm forward", "--width", "64", "--context", "32", "--batch", "1")
        let kernels = try #require(json["kernels"]?.arrayValue)
        #expect(kernels.count == 4)
        for kernel in kernels { #expect(kernel["share_of_peak"]?.doubleValue.map { $0 > 0 } == true) }
        #expect(json["machine"]?["matrix_rate"]?.doubleValue.map { $0 > 0 } == true)
    }

    @Test func theConfigurationsInTheTreeOpen() throws {
        let benchmarks = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("zoo/benchmarks")
        // Counted by hand, and by PyTorch for the same files.
        for (name, parameters) in [
            ("llama-256", 3_295_488), ("llama-512", 19_167_744), ("mamba-256", 3_569_920), ("mamba2-256", 3_789_248),
            ("shakespeare", 824_448),
        ] {
            let path = benchmarks.appendingPathComponent("\(name).json").path
            let json = try bench("decode", "--config", path, "--context", "4", "--tokens", "1")
            #expect(json["parameters"] == .integer(Int64(parameters)), "\(name)")
        }
    }

    @Test func whatIsWrongIsSaid() throws {
        func refusal(_ status: Int32, _ message: String, _ arguments: String...) throws {
            let result = try ZooProcess(["bench"] + arguments).wait()
            #expect(result.status == status && result.errors.contains(message), "\(result.errors)")
        }
        try refusal(2, "/nonexistent", "train", "--config", "/nonexistent")
        try refusal(2, "there is no model llamma", "decode", "--config", try config("{\"model_type\": \"llamma\"}"))
        try refusal(
            2, "hidden_sise", "train", "--config", try config("{\"model_type\": \"llama\", \"hidden_sise\": 4}"))
        try refusal(64, "--steps is 0; it must be at least 1", "train", "--config", "x", "--steps", "0")
        try refusal(
            64, "context × batch is 16777216 × 1000; allowed: at most 2²⁸ tokens in a micro-batch", "train", "--config", "x",
            "--batch", "1000", "--context", "16M")
        try refusal(64, "error: --context is -5; expected 1 to 16M", "decode", "--config", "x", "--context", "-5")
        try refusal(64, "--tokens is 9000000000; allowed: 1 to 1000000", "decode", "--config", "x", "--tokens", "9000000000")
        try refusal(64, "--width is 65; allowed: multiples of 64 from 64 to 16384", "kernels", "--width", "65")
        try refusal(
            64, "no kernel's name contains xyz", "kernels", "--only", "xyz", "--seconds", "0", "--width", "64",
            "--context", "16")
        try refusal(64, "--repeats is 0; allowed: 1 to 1000", "abi", "--repeats", "0")
    }
}
