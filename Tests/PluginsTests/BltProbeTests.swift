import Foundation
import SequenceModel
import Testing

/// The probes of BLT against a second patcher written out in double precision.
@Suite struct BltProbeTests {
    /// Nats after each symbol of each row.
    private func entropies(_ model: ProbedText, _ batch: Batch) throws -> [[Double]] {
        let c = try #require(model.model.configuration["patcher_config"])
        let patcher = SlowTransformer(
            model: model, name: "model.patcher.layers.", layers: try #require(c["num_hidden_layers"]?.integerValue),
            heads: try #require(c["num_attention_heads"]?.integerValue), epsilon: 1e-5, isInterleaved: true,
            window: try #require(c["sliding_window"]?.integerValue))
        let width = try #require(c["hidden_size"]?.integerValue)
        return (0 ..< batch.rows).map { line in
            let xs = batch.tokens[line * batch.length ..< (line + 1) * batch.length].map {
                row(model["model.patcher.embed_tokens.weight"], Int($0), width: width)
            }
            return patcher(xs).map {
                entropy(product(model["model.patcher.lm_head.weight"], rootMeanSquareNorm($0, model["model.patcher.norm.weight"], 1e-5)))
            }
        }
    }

    private func expected(_ model: ProbedText, _ batch: Batch) throws -> [String: [Double]] {
        let threshold = try #require(model.model.configuration["patching_threshold"]?.doubleValue)
        let symbols = try #require(model.model.configuration["vocab_size"]?.integerValue)
        let nats = try entropies(model, batch)
        let ends = nats.map { row in row.indices.filter { $0 == 0 || row[$0] > threshold } }
        var result: [String: [Double]] = [:]
        result["patch_length"] = [
            Double(ends.reduce(0) { $0 + ($1.last ?? 0) + 1 }) / Double(ends.reduce(0) { $0 + $1.count })
        ]
        let nothing = [Double](repeating: 0, count: 256)
        result["border_by_position"] = nothing.indices.map { p in Double(ends.count { $0.contains(p) }) / Double(batch.rows) }
        result["entropy_by_position"] = nothing.indices.map { p in
            p < batch.length ? nats.reduce(0) { $0 + $1[p] } / Double(batch.rows) : 0
        }
        result["border_after_symbol"] = (0 ..< symbols).map { symbol in
            let all = batch.tokens.count { Int($0) == symbol }
            let ended = ends.enumerated().reduce(0) { sum, row in
                sum + row.element.count { Int(batch.tokens[row.offset * batch.length + $0]) == symbol }
            }
            return Double(ended) / Double(max(1, all))
        }
        return result
    }

    @Test func areThoseOfASecondPatcher() throws {
        let model = try ProbedText(
            "ByteLevel", "blt",
            #"""
            {"vocab_size": 13, "patching_threshold": 1.9, "patcher_config": {"hidden_size": 12, "num_hidden_layers": 2,
            "num_attention_heads": 3, "sliding_window": 5}}
            """#)
        let batch = Batch(rows: 3, length: 11, tokens: someTokens(33, below: 13))
        for (name, values) in try expected(model, batch) {
            #expect(isNear(try model.values(name, batch), values, 1e-9), "\(name)")
        }
    }

    @Test func selfTestsAreThoseOfASecondPatcher() throws {
        let text = try ProbedText("ByteLevel", "blt", "{}")
        for name in ["patch_length", "border_by_position", "entropy_by_position", "border_after_symbol"] {
            let test = try text.selfTest(name)
            let model = try ProbedText("ByteLevel", "blt", test.configuration.description, asInSelfTests: true)
            let values = try #require(try expected(model, test.batch)[name])
            #expect(isNear(test.expected, values, 1e-5), "\(name): \(values.prefix(16))")
            // Far enough from the threshold for float32.
            let threshold = try #require(model.model.configuration["patching_threshold"]?.doubleValue)
            #expect(try entropies(model, test.batch).joined().allSatisfy { abs($0 - threshold) > 2e-5 })
        }
    }
}
