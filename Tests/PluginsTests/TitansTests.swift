import Foundation
import PluginHost
import SequenceModel
import Testing
import Training

/// Titans in its four forms against the slow ones of `SlowTitans`, which know no chunks but by the weights they take gradients at.
@Suite struct TitansTests {
    static let ids = ["titans-mag", "titans-mac", "titans-mal", "titans-lmm"]

    private func configuration(_ more: String = "") -> String {
        #"{"vocab_size":13,"hidden_size":12,"intermediate_size":10,"num_hidden_layers":2,"num_attention_heads":2,"sliding_window":4,"#
            + #""num_persistent_tokens":2,"chunk_size":5\#(more)}"#
    }

    /// In double precision, at a length that ends inside a chunk; depths 1 to 4.
    @Test(arguments: ids, [1, 2, 4]) func logitsAndSurpriseAreThoseOfTheTokenLoop(_ id: String, _ depth: Int) throws {
        let model = try ProbedText("TestTimeMemory", id, configuration(#","memory_depth":\#(depth),"memory_max_rate":0.05"#))
        let ids = someTokens(18, below: 13)
        let slow = try SlowTitans(model, id).read(ids)
        let got = try model.bound.logits(ids, rows: 1).map(Double.init)
        let scale = max(1, slow.logits.map(abs).max() ?? 1)
        #expect(isNear(got.map { $0 / scale }, slow.logits.map { $0 / scale }, 1e-6))
        let surprise = try model.values("surprise", Batch(rows: 1, length: 18, tokens: ids))
        let expected = slow.surprise.map { $0.reduce(0, +) / Double($0.count) }
        #expect(isNear(surprise, expected, 1e-9 * max(1, expected.max() ?? 1)), "\(surprise), \(expected)")
    }

    /// The control: attention alone, or nothing.
    @Test(arguments: ids) func withoutMemoryNothingOfItIsLeft(_ id: String) throws {
        let model = try ProbedText("TestTimeMemory", id, configuration(#","memory":false"#))
        #expect(!model.bound.memory.declarations.contains { $0.name.contains("memory") })
        let ids = someTokens(18, below: 13)
        let slow = try SlowTitans(model, id).read(ids)
        #expect(isNear(try model.bound.logits(ids, rows: 1).map(Double.init), slow.logits, 1e-4))
        #expect(try model.values("surprise", Batch(rows: 1, length: 18, tokens: ids)) == [0, 0])
    }

    /// Chunks of one token are the online rule: the same as the loop in which every gradient is taken at the newest weights.
    @Test func chunksOfOneTokenAreTheOnlineRule() throws {
        let text = configuration(#","memory_max_rate":0.05"#).replacingOccurrences(of: #""chunk_size":5"#, with: #""chunk_size":1"#)
        let model = try ProbedText("TestTimeMemory", "titans-lmm", text)
        let ids = someTokens(18, below: 13)
        let slow = try SlowTitans(model, "titans-lmm").read(ids)
        #expect(isNear(try model.bound.logits(ids, rows: 1).map(Double.init), slow.logits, 1e-4))
    }

    @Test(arguments: ids) func selfTestsAreThoseOfTheTokenLoop(_ id: String) throws {
        let test = try ProbedText("TestTimeMemory", id, "{}").selfTest("surprise")
        let model = try ProbedText("TestTimeMemory", id, test.configuration.description, asInSelfTests: true)
        var sums = [[Double]](repeating: [], count: 2)
        for row in 0 ..< test.batch.rows {
            let ids = Array(test.batch.tokens[row * test.batch.length ..< (row + 1) * test.batch.length])
            for (layer, values) in try SlowTitans(model, id).read(ids).surprise.enumerated() { sums[layer] += values }
        }
        let expected = sums.map { $0.reduce(0, +) / Double($0.count) }
        #expect(isNear(test.expected, expected, 1e-5), "\(test.expected), \(expected)")
    }
}
