import Foundation
import SequenceModel
import Testing

/// `attention_entropy` of the transformer against a second, slow transformer written out in this file.
@Suite struct AttentionEntropyTests {
    /// [L · H], mean over rows and queries, from loops over numbers.
    private func direct(_ model: ProbedText, _ batch: Batch) throws -> [Double] {
        let c = model.model.configuration
        func size(_ key: String) throws -> Int { try #require(c[key]?.integerValue) }
        let (layers, heads, groups) = (try size("num_hidden_layers"), try size("num_attention_heads"), try size("num_key_value_heads"))
        let (width, headWidth) = (try size("hidden_size"), try size("head_dim"))
        let epsilon = try #require(c["rms_norm_eps"]?.doubleValue)
        let theta = try #require(c["rope_parameters"]?["rope_theta"]?.doubleValue)
        let window = c["sliding_window"]?.integerValue
        let types = c["layer_types"]?.arrayValue?.map(\.stringValue)
        var sums = [Double](repeating: 0, count: layers * heads)

        func turned(_ x: ArraySlice<Double>, _ position: Int) -> [Double] {
            let x = Array(x)
            return (0 ..< headWidth).map { i in
                let pair = i % (headWidth / 2)
                let angle = Double(position) * pow(theta, -Double(pair) / Double(headWidth / 2))
                let other = i < headWidth / 2 ? -x[i + headWidth / 2] : x[i - headWidth / 2]
                return x[i] * cos(angle) + other * sin(angle)
            }
        }
        for row in 0 ..< batch.rows {
            let embedding = model["model.embed_tokens.weight"]
            var xs = (0 ..< batch.length).map { t -> [Double] in
                let symbol = Int(batch.tokens[row * batch.length + t])
                return Array(embedding[symbol * width ..< (symbol + 1) * width])
            }
            for layer in 0 ..< layers {
                let name = "model.layers.\(layer)."
                let sees = (types?[layer] ?? "sliding_attention") == "sliding_attention" ? window ?? .max : .max
                let normed = xs.map { rootMeanSquareNorm($0, model[name + "input_layernorm.weight"], epsilon) }
                let (q, k, v) = (
                    normed.map { product(model[name + "self_attn.q_proj.weight"], $0) },
                    normed.map { product(model[name + "self_attn.k_proj.weight"], $0) },
                    normed.map { product(model[name + "self_attn.v_proj.weight"], $0) }
                )
                for t in xs.indices {
                    var mixed: [Double] = []
                    for head in 0 ..< heads {
                        let group = head / (heads / groups)
                        let query = turned(q[t][head * headWidth ..< (head + 1) * headWidth], t)
                        let seen = (0 ... t).filter { t - $0 < sees }
                        let scores = seen.map { s in
                            zip(query, turned(k[s][group * headWidth ..< (group + 1) * headWidth], s)).reduce(0) { $0 + $1.0 * $1.1 }
                                / Double(headWidth).squareRoot()
                        }
                        sums[layer * heads + head] += entropy(scores) / Double(batch.rows * batch.length)
                        let total = scores.reduce(0) { $0 + exp($1) }
                        mixed += (0 ..< headWidth).map { i in
                            zip(seen, scores).reduce(0) { $0 + exp($1.1) / total * v[$1.0][group * headWidth + i] }
                        }
                    }
                    let h = zip(xs[t], product(model[name + "self_attn.o_proj.weight"], mixed)).map { $0 + $1 }
                    let n = rootMeanSquareNorm(h, model[name + "post_attention_layernorm.weight"], epsilon)
                    let gated = zip(product(model[name + "mlp.gate_proj.weight"], n), product(model[name + "mlp.up_proj.weight"], n))
                        .map { silu($0) * $1 }
                    xs[t] = zip(h, product(model[name + "mlp.down_proj.weight"], gated)).map { $0 + $1 }
                }
            }
        }
        return sums
    }

    @Test(arguments: [
        #"{"vocab_size":13,"hidden_size":12,"intermediate_size":10,"num_hidden_layers":3,"num_attention_heads":2}"#,
        #"{"vocab_size":13,"hidden_size":16,"intermediate_size":10,"num_hidden_layers":2,"num_attention_heads":4,"num_key_value_heads":2,"sliding_window":4,"layer_types":["sliding_attention","full_attention"]}"#,
    ])
    func isThatOfTheWeights(configuration: String) throws {
        let model = try ProbedText("Transformer", "transformer", configuration)
        let batch = Batch(rows: 3, length: 17, tokens: someTokens(51, below: 13))
        let (got, expected) = (try model.values("attention_entropy", batch), try direct(model, batch))
        #expect(isNear(got, expected, 1e-9), "\(got) instead of \(expected)")
        // Heads differ, and none is at either end.
        #expect(got.allSatisfy { $0 > 0.01 && $0 < log(17) } && Set(got).count == got.count)
    }

    /// More queries than are taken at a time.
    @Test func longTexts() throws {
        let model = try ProbedText(
            "Transformer", "transformer",
            #"{"vocab_size":13,"hidden_size":4,"intermediate_size":4,"num_hidden_layers":1,"num_attention_heads":1,"sliding_window":300}"#)
        let batch = Batch(rows: 1, length: 600, tokens: someTokens(600, below: 13))
        let (got, expected) = (try model.values("attention_entropy", batch), try direct(model, batch))
        #expect(isNear(got, expected, 1e-9), "\(got) instead of \(expected)")
    }

    @Test func selfTestIsThatOfTheWeights() throws {
        let test = try ProbedText("Transformer", "transformer", "{}").selfTest("attention_entropy")
        let model = try ProbedText("Transformer", "transformer", test.configuration.description, asInSelfTests: true)
        let expected = try direct(model, test.batch)
        #expect(isNear(test.expected, expected, 1e-5), "\(expected)")
    }
}
