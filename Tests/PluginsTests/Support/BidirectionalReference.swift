import Foundation

/// A Llama without causal mask, written out in double precision.
struct BidirectionalReference {
    let parameter: (String) -> [Double]
    let width: Int
    let layers: Int
    let heads: Int
    let epsilon = 1e-5

    /// Logits of each symbol of `text`.
    func logits(_ text: [Int32]) -> [[Double]] {
        let table = parameter("model.embed_tokens.weight")
        var x = text.map { Array(table[Int($0) * width ..< (Int($0) + 1) * width]) }
        for layer in 0 ..< layers {
            func weight(_ name: String) -> [Double] { parameter("model.layers.\(layer).\(name).weight") }
            let n = x.map { rootMeanSquareNorm($0, weight("input_layernorm"), epsilon) }
            let q = n.enumerated().map { turned(product(weight("self_attn.q_proj"), $1), $0) }
            let k = n.enumerated().map { turned(product(weight("self_attn.k_proj"), $1), $0) }
            let v = n.map { product(weight("self_attn.v_proj"), $0) }
            x = x.indices.map { place in
                let mixed = product(weight("self_attn.o_proj"), attend(q[place], k, v))
                let h = zip(x[place], mixed).map { $0 + $1 }
                let g = rootMeanSquareNorm(h, weight("post_attention_layernorm"), epsilon)
                let gated = zip(product(weight("mlp.gate_proj"), g), product(weight("mlp.up_proj"), g)).map { silu($0) * $1 }
                return zip(h, product(weight("mlp.down_proj"), gated)).map { $0 + $1 }
            }
        }
        return x.map { product(parameter("lm_head.weight"), rootMeanSquareNorm($0, parameter("model.norm.weight"), epsilon)) }
    }

    /// Pairs (j, j + K / 2) of each head, turned by the position.
    private func turned(_ x: [Double], _ place: Int) -> [Double] {
        let headWidth = width / heads, half = headWidth / 2
        var y = x
        for head in 0 ..< heads {
            for pair in 0 ..< half {
                let angle = Double(place) * pow(10_000, -Double(pair) / Double(half))
                let (a, b) = (x[head * headWidth + pair], x[head * headWidth + pair + half])
                y[head * headWidth + pair] = a * cos(angle) - b * sin(angle)
                y[head * headWidth + pair + half] = b * cos(angle) + a * sin(angle)
            }
        }
        return y
    }

    private func attend(_ q: [Double], _ keys: [[Double]], _ values: [[Double]]) -> [Double] {
        let headWidth = width / heads
        return (0 ..< heads).flatMap { head -> [Double] in
            let range = head * headWidth ..< (head + 1) * headWidth
            let scores = keys.map { key in range.reduce(0) { $0 + q[$1] * key[$1] } / Double(headWidth).squareRoot() }
            let top = scores.max() ?? 0
            let weights = scores.map { exp($0 - top) }
            let total = weights.reduce(0, +)
            return range.map { channel in zip(weights, values).reduce(0) { $0 + $1.0 / total * $1.1[channel] } }
        }
    }
}
