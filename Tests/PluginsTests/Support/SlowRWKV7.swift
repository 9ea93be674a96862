import Foundation
import SequenceModel

/// RWKV-7 written out token by token in double precision, from parameters by name.
struct SlowRWKV7 {
    let layers: Int, width: Int, headSize: Int
    let parameter: (String) -> [Double]
    /// w of each layer, all tokens and channels.
    private(set) var decays: [[Double]] = []

    init(layers: Int, width: Int, headSize: Int, _ parameter: @escaping (String) -> [Double]) {
        (self.layers, self.width, self.headSize, self.parameter) = (layers, width, headSize, parameter)
        decays = [[Double]](repeating: [], count: layers)
    }

    /// Logits [T][V] of one text.
    mutating func logits(_ tokens: [Int32]) -> [[Double]] {
        let embedding = parameter("emb.weight")
        var xs = tokens.map { norm(Array(embedding[Int($0) * width ..< (Int($0) + 1) * width]), "blocks.0.ln0") }
        var firstValues: [[Double]] = []
        for layer in 0 ..< layers {
            let name = "blocks.\(layer)."
            let mixed = timeMixing(xs.map { norm($0, name + "ln1") }, layer, &firstValues)
            for t in xs.indices { xs[t] = plus(xs[t], mixed[t]) }
            let inputs = xs.map { norm($0, name + "ln2") }
            let mix = parameter(name + "ffn.x_k")
            for t in xs.indices {
                let hidden = product(parameter(name + "ffn.key.weight"), shifted(inputs, t, mix)).map { max($0, 0) * max($0, 0) }
                xs[t] = plus(xs[t], product(parameter(name + "ffn.value.weight"), hidden))
            }
        }
        return xs.map { product(parameter("head.weight"), norm($0, "ln_out")) }
    }

    private mutating func timeMixing(_ xs: [[Double]], _ layer: Int, _ firstValues: inout [[Double]]) -> [[Double]] {
        let name = "blocks.\(layer).att."
        func own(_ key: String) -> [Double] { parameter(name + key) }
        let count = width / headSize
        var memory = [Double](repeating: 0, count: width * headSize)  // [heads, values, keys]
        var outputs: [[Double]] = []
        for t in xs.indices {
            func mixed(_ key: String) -> [Double] { shifted(xs, t, own("x_" + key)) }
            let r = product(own("receptance.weight"), mixed("r"))
            let w = lowRank(mixed("w"), name + "w", tanh).map { exp(-exp(-0.5) * sigmoid($0)) }
            decays[layer] += w
            var k = product(own("key.weight"), mixed("k"))
            var v = product(own("value.weight"), mixed("v"))
            if layer == 0 {
                firstValues.append(v)
            } else {
                let gate = lowRank(mixed("v"), name + "v") { $0 }.map(sigmoid)
                for c in 0 ..< width { v[c] += (firstValues[t][c] - v[c]) * gate[c] }
            }
            let a = lowRank(mixed("a"), name + "a") { $0 }.map(sigmoid)
            let g = lowRank(mixed("g"), name + "g", sigmoid)
            var kappa = zip(k, own("k_k")).map { $0 * $1 }
            for c in 0 ..< width { k[c] *= 1 + (a[c] - 1) * own("k_a")[c] }
            var out = [Double](repeating: 0, count: width)
            for head in 0 ..< count {
                let channels = head * headSize ..< (head + 1) * headSize
                let size = max(channels.reduce(0) { $0 + kappa[$1] * kappa[$1] }.squareRoot(), 1e-12)
                for c in channels { kappa[c] /= size }
                for value in channels {
                    let row = value * headSize
                    let removed = channels.reduce(0) { $0 + memory[row + $1 % headSize] * kappa[$1] }
                    for key in channels {
                        let place = row + key % headSize
                        memory[place] = memory[place] * w[key] - removed * kappa[key] * a[key] + v[value] * k[key]
                        out[value] += memory[place] * r[key]
                    }
                }
                let mean = channels.reduce(0) { $0 + out[$1] } / Double(headSize)
                let variance = channels.reduce(0) { $0 + (out[$1] - mean) * (out[$1] - mean) } / Double(headSize)
                let share = channels.reduce(0) { $0 + r[$1] * k[$1] * own("r_k")[$1] }
                for c in channels {
                    let normal = (out[c] - mean) / (variance + 64e-5).squareRoot()
                    out[c] = (normal * own("ln_x.weight")[c] + own("ln_x.bias")[c] + share * v[c]) * g[c]
                }
            }
            outputs.append(product(own("output.weight"), out))
        }
        return outputs
    }

    private func shifted(_ xs: [[Double]], _ t: Int, _ mix: [Double]) -> [Double] {
        (0 ..< width).map { c in xs[t][c] + ((t > 0 ? xs[t - 1][c] : 0) - xs[t][c]) * mix[c] }
    }

    /// bias + f(x A) B for row vectors.
    private func lowRank(_ x: [Double], _ name: String, _ function: (Double) -> Double) -> [Double] {
        let (down, up, bias) = (parameter(name + "1"), parameter(name + "2"), parameter(name + "0"))
        let rank = down.count / width
        let inner = (0 ..< rank).map { r in function((0 ..< width).reduce(0) { $0 + x[$1] * down[$1 * rank + r] }) }
        return (0 ..< width).map { c in
            (0 ..< rank).reduce(bias.isEmpty ? 0 : bias[c]) { $0 + inner[$1] * up[$1 * width + c] }
        }
    }

    private func norm(_ x: [Double], _ name: String) -> [Double] {
        let (weight, bias) = (parameter(name + ".weight"), parameter(name + ".bias"))
        let mean = x.reduce(0, +) / Double(width)
        let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
        return (0 ..< width).map { (x[$0] - mean) / (variance + 1e-5).squareRoot() * weight[$0] + bias[$0] }
    }

    private func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    private func plus(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 + $1 } }
}
