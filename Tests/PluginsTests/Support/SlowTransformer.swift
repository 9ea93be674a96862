import Foundation

/// The blocks of the byte-level models written out, one position at a time, on the parameters of a model in double precision.
struct SlowTransformer {
    let model: ProbedText
    /// Names of the blocks up to their number: "global.layers.".
    let name: String
    let layers: Int
    let heads: Int
    let epsilon: Double
    var theta = 10_000.0
    /// Pairs of channels that turn together lie side by side.
    var isInterleaved = false
    /// Keys that a query sees, its own included.
    var window = Int.max

    /// [T][D] → [T][D]
    func callAsFunction(_ xs: [[Double]]) -> [[Double]] {
        var xs = xs
        for layer in 0 ..< layers {
            let block = "\(name)\(layer)."
            let n = xs.map { rootMeanSquareNorm($0, model[block + "input_layernorm.weight"], epsilon) }
            func projected(_ part: String) -> [[Double]] { n.map { product(model[block + "self_attn.\(part)_proj.weight"], $0) } }
            let q = projected("q").enumerated().map { turned($1, at: $0) }
            let k = projected("k").enumerated().map { turned($1, at: $0) }
            let o = attended(q, k, projected("v"))
            for t in xs.indices {
                xs[t] = sum(xs[t], product(model[block + "self_attn.o_proj.weight"], o[t]))
                let m = rootMeanSquareNorm(xs[t], model[block + "post_attention_layernorm.weight"], epsilon)
                let gate = product(model[block + "mlp.gate_proj.weight"], m), up = product(model[block + "mlp.up_proj.weight"], m)
                xs[t] = sum(xs[t], product(model[block + "mlp.down_proj.weight"], zip(gate, up).map { silu($0) * $1 }))
            }
        }
        return xs
    }

    private func attended(_ q: [[Double]], _ k: [[Double]], _ v: [[Double]]) -> [[Double]] {
        let width = q[0].count / heads
        return q.indices.map { t in
            (0 ..< heads).flatMap { head -> [Double] in
                let channels = head * width ..< (head + 1) * width
                let seen = max(0, t - min(window, t + 1) + 1) ... t
                let scores = seen.map { s in channels.reduce(0) { $0 + q[t][$1] * k[s][$1] } / Double(width).squareRoot() }
                let top = scores.max() ?? 0
                let weights = scores.map { exp($0 - top) }
                let total = weights.reduce(0, +)
                return channels.map { c in zip(seen, weights).reduce(0) { $0 + $1.1 / total * v[$1.0][c] } }
            }
        }
    }

    private func turned(_ x: [Double], at position: Int) -> [Double] {
        let width = x.count / heads
        var y = x
        for head in 0 ..< heads {
            for pair in 0 ..< width / 2 {
                let angle = Double(position) * pow(theta, -Double(pair) / Double(width / 2))
                let first = head * width + (isInterleaved ? 2 * pair : pair)
                let second = isInterleaved ? first + 1 : first + width / 2
                y[first] = x[first] * cos(angle) - x[second] * sin(angle)
                y[second] = x[first] * sin(angle) + x[second] * cos(angle)
            }
        }
        return y
    }
}

func sum(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 + $1 } }

/// Row `index` of a matrix.
func row(_ matrix: [Double], _ index: Int, width: Int) -> [Double] { Array(matrix[index * width ..< (index + 1) * width]) }

/// ln softmax
func logSoftmax(_ x: [Double]) -> [Double] {
    let top = x.max() ?? 0
    let total = top + log(x.reduce(0) { $0 + exp($1 - top) })
    return x.map { $0 - total }
}
