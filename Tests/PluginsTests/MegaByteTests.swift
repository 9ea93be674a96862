import Foundation
import SequenceModel
import Testing

/// MegaByte against a second one written out in double precision, one symbol at a time.
@Suite struct MegaByteTests {
    private static func configuration(patch: Int) -> String {
        """
        {"vocab_size": 13, "patch_size": \(patch), "hidden_size": 24, "intermediate_size": 20, "num_hidden_layers": 2,
        "num_attention_heads": 2, "local_hidden_size": 12, "local_intermediate_size": 16, "local_num_hidden_layers": 2,
        "local_num_attention_heads": 3}
        """
    }

    /// Logits of the symbol after `text`, from nothing but the symbols of `text`.
    private func direct(_ model: ProbedText, _ text: [Int32]) throws -> [Double] {
        let c = model.model.configuration
        func size(_ key: String) throws -> Int { try #require(c[key]?.integerValue) }
        let (patch, wide, narrow) = (try size("patch_size"), try size("hidden_size"), try size("local_hidden_size"))
        let epsilon = try #require(c["rms_norm_eps"]?.doubleValue)
        let global = SlowTransformer(
            model: model, name: "global.layers.", layers: try size("num_hidden_layers"), heads: try size("num_attention_heads"),
            epsilon: epsilon)
        let local = SlowTransformer(
            model: model, name: "local.layers.", layers: try size("local_num_hidden_layers"),
            heads: try size("local_num_attention_heads"), epsilon: epsilon)
        // The symbol asked for is number text.count; patches before its own are whole.
        let (open, place) = text.count.quotientAndRemainder(dividingBy: patch)
        let patches = (0 ..< open).map { k in
            (0 ..< patch).flatMap { row(model["global.embed_tokens.weight"], Int(text[k * patch + $0]), width: wide / patch) }
        }
        let read = global([model["global.start"]] + patches)
        let latent = product(
            model["local.patch_projection.weight"], rootMeanSquareNorm(read[open], model["global.norm.weight"], epsilon))
        let inputs = (0 ... place).map { p -> [Double] in
            let before = p == 0 ? 13 : Int(text[open * patch + p - 1])
            return sum(row(latent, p, width: narrow), row(model["local.embed_tokens.weight"], before, width: narrow))
        }
        let last = local(inputs)[place]
        return product(model["lm_head.weight"], rootMeanSquareNorm(last, model["local.norm.weight"], epsilon))
    }

    @Test(arguments: [1, 2, 3, 4, 8, 12], [1, 2, 11, 12]) func areTheEquations(_ patch: Int, _ length: Int) throws {
        let model = try ProbedText("ByteLevel", "megabyte", MegaByteTests.configuration(patch: patch))
        let tokens = someTokens(2 * length, below: 13)
        let logits = try model.bound.logits(tokens, rows: 2)
        for line in 0 ..< 2 {
            for t in 0 ..< length {
                let expected = try direct(model, Array(tokens[line * length ... line * length + t]))
                let got = logits[(line * length + t) * 13 ..< (line * length + t + 1) * 13].map(Double.init)
                #expect(isNear(got, expected, 1e-5), "patch \(patch), row \(line), position \(t)")
            }
        }
    }

    /// The global cache has one entry for each whole patch and one for the start; the local one, those of the open patch.
    @Test(arguments: [1, 7, 8, 9, 21]) func stateIsWhatTheCardSays(_ read: Int) throws {
        let model = try BoundModel(
            PluginLibrary.factory("ByteLevel", "megabyte"),
            .object([
                "hidden_size": .integer(32), "local_hidden_size": .integer(16), "num_hidden_layers": .integer(2),
                "local_num_hidden_layers": .integer(3), "num_attention_heads": .integer(2), "local_num_attention_heads": .integer(2),
            ]))
        let session = try model.model.openSession(rows: 1)
        _ = try session.logits(someTokens(read, below: 256), .last, vocabulary: 256)
        let global = 2 * (8 + 2 * 32 * 4 * (1 + read / 8))
        let local = 3 * (8 + 2 * 16 * 4 * (1 + read % 8))
        #expect(session.stateBytes == global + local + 8 * 16 * 4 + 8 * 8)
        #expect(try session.save().count == session.stateBytes + 64)
    }

    @Test func probeIsTheMeanByPlace() throws {
        let text = try ProbedText("ByteLevel", "megabyte", "{}")
        let test = try text.selfTest("place_in_patch")
        let model = try ProbedText("ByteLevel", "megabyte", test.configuration.description, asInSelfTests: true)
        let patch = try #require(model.model.configuration["patch_size"]?.integerValue)
        var (sums, counts) = ([Double](repeating: 0, count: patch), [Double](repeating: 0, count: patch))
        for line in 0 ..< test.batch.rows {
            for t in 0 ..< test.batch.length where test.batch.targets[line * test.batch.length + t] >= 0 {
                let begin = line * test.batch.length
                let logs = logSoftmax(try direct(model, Array(test.batch.tokens[begin ... begin + t])))
                sums[(t + 1) % patch] -= logs[Int(test.batch.targets[begin + t])]
                counts[(t + 1) % patch] += 1
            }
        }
        let expected = zip(sums, counts).map { $0 / $1 }
        #expect(isNear(test.expected, expected, 1e-5), "\(expected)")
        #expect(isNear(try model.values("place_in_patch", test.batch), expected, 1e-5))
    }
}
