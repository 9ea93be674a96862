import Foundation
import SequenceModel
import Testing

/// The bit-level model against a second one written out in double precision: a product of decisions for each symbol.
@Suite struct BitLevelTests {
    @Test(arguments: [16, 23]) func aSymbolIsTheProductOfItsBits(_ vocabulary: Int) throws {
        let model = try ProbedText(
            "ByteLevel", "bitlevel",
            #"{"vocab_size": \#(vocabulary), "hidden_size": 16, "intermediate_size": 20, "num_hidden_layers": 2, "num_attention_heads": 2}"#)
        let bits = vocabulary == 16 ? 4 : 5
        func bit(_ symbol: Int, _ place: Int) -> Int { symbol >> (bits - 1 - place) & 1 }
        let trunk = SlowTransformer(model: model, name: "model.layers.", layers: 2, heads: 2, epsilon: 1e-6)
        let tokens = someTokens(2 * 9, below: vocabulary)
        let logits = try model.bound.logits(tokens, rows: 2)
        for line in 0 ..< 2 {
            let xs = tokens[line * 9 ..< (line + 1) * 9].map { token in
                (0 ..< bits).reduce([Double](repeating: 0, count: 16)) { x, place in
                    sum(x, row(model["model.embed_bits.weight"], 2 * place + bit(Int(token), place), width: 16))
                }
            }
            for (t, x) in trunk(xs).enumerated() {
                let nodes = product(model["tree_head.weight"], rootMeanSquareNorm(x, model["model.norm.weight"], 1e-6))
                let expected = (0 ..< vocabulary).map { symbol -> Double in
                    var (node, nats) = (0, 0.0)
                    for place in 0 ..< bits {
                        nats -= log(1 + exp(bit(symbol, place) == 1 ? -nodes[node] : nodes[node]))
                        node = 2 * node + 1 + bit(symbol, place)
                    }
                    return nats
                }
                let got = logits[(line * 9 + t) * vocabulary ..< (line * 9 + t + 1) * vocabulary].map(Double.init)
                #expect(isNear(got, expected, 1e-5), "row \(line), position \(t)")
                if vocabulary == 16 { #expect(abs(expected.reduce(0) { $0 + exp($1) } - 1) < 1e-12) }
            }
        }
    }
}
