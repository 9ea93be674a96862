import Foundation
import SequenceModel

/// Titans token by token in double precision, for texts in memory: the definition that the plugin is tested against.
struct SlowTitans {
    let model: ProbedText
    let id: String
    private let width: Int, headCount: Int, layers: Int, window: Int, chunk: Int, pairs: Int
    private let hasMemory: Bool
    private let epsilon: Double

    init(_ model: ProbedText, _ id: String) {
        (self.model, self.id) = (model, id)
        let c = model.model.configuration
        func size(_ key: String) -> Int { c[key]?.integerValue ?? 0 }
        (width, headCount, layers) = (size("hidden_size"), size("num_attention_heads"), size("num_hidden_layers"))
        (window, chunk, pairs) = (size("sliding_window"), size("chunk_size"), width / headCount / 2)
        hasMemory = c["memory"] == .boolean(true)
        epsilon = c["rms_norm_eps"]?.doubleValue ?? 0
    }

    /// Logits of all tokens [T · V], and for each layer the surprise of all tokens and heads.
    func read(_ ids: [Int32]) throws -> (logits: [Double], surprise: [[Double]]) {
        let embedding = model["model.embed_tokens.weight"]
        var xs = ids.map { Array(embedding[Int($0) * width ..< (Int($0) + 1) * width]) }
        var surprise = [[Double]](repeating: [], count: layers)
        for layer in 0 ..< layers {
            let name = "model.layers.\(layer)."
            let inputs = xs.map { rootMeanSquareNorm($0, model[name + "input_layernorm.weight"], epsilon) }
            let mixed = try mix(name + "mixer.", inputs, &surprise[layer])
            for t in xs.indices {
                let h = zip(xs[t], mixed[t]).map { $0 + $1 }
                let n = rootMeanSquareNorm(h, model[name + "post_attention_layernorm.weight"], epsilon)
                let inner = zip(product(model[name + "mlp.gate_proj.weight"], n), product(model[name + "mlp.up_proj.weight"], n))
                    .map { silu($0) * $1 }
                xs[t] = zip(h, product(model[name + "mlp.down_proj.weight"], inner)).map { $0 + $1 }
            }
        }
        return (xs.flatMap { product(embedding, rootMeanSquareNorm($0, model["model.norm.weight"], epsilon)) }, surprise)
    }

    private func mix(_ name: String, _ xs: [[Double]], _ surprise: inout [Double]) throws -> [[Double]] {
        var memory = hasMemory ? try SlowMemory(model, name + "memory.") : nil
        func learned(_ x: [Double]) -> [Double] {
            let found = memory?.learn(x)
            surprise += found?.surprise ?? []
            return found?.read ?? []
        }
        /// The memory as a layer: norm, gate and projection behind it.
        func layer(_ x: [Double]) -> [Double] {
            guard hasMemory else { return x.map { _ in 0 } }
            let normed = rootMeanSquareNorm(learned(x), model[name + "memory.norm.weight"], 1e-6)
            let gated = zip(product(model[name + "memory.g_proj.weight"], x), normed).map { silu($0) * $1 }
            return product(model[name + "memory.o_proj.weight"], gated)
        }
        if id == "titans-lmm" { return xs.map(layer) }
        let persistent = model[name + "attention.persistent"]
        let before = stride(from: 0, to: persistent.count, by: width).map { Array(persistent[$0 ..< $0 + width]) }
        let first = (keys: before.map { heads(name, "k", $0) }, values: before.map { heads(name, "v", $0) })
        var text: (keys: [[[Double]]], values: [[[Double]]]) = ([], []), recalled = text
        return xs.enumerated().map { t, x in
            var y = x
            if id == "titans-mal" {
                y = rootMeanSquareNorm(zip(x, layer(x)).map { $0 + $1 }, model[name + "attention_norm.weight"], epsilon)
            }
            if id == "titans-mac", t % chunk == 0 { (text, recalled) = (([], []), ([], [])) }
            if id == "titans-mac", let h = memory?.recall(x, begins: t % chunk == 0) {
                recalled.keys.append(heads(name, "k", h).map { turned($0, t) })
                recalled.values.append(heads(name, "v", h))
            }
            text.keys.append(heads(name, "k", y).map { turned($0, t) })
            text.values.append(heads(name, "v", y))
            let last = id == "titans-mac" ? chunk : window
            let seen = attention(
                heads(name, "q", y).map { turned($0, t) }, first.keys + recalled.keys + text.keys.suffix(last),
                first.values + recalled.values + text.values.suffix(last))
            if id == "titans-mal" { return product(model[name + "o_proj.weight"], seen) }
            let input = id == "titans-mac" && hasMemory
                ? rootMeanSquareNorm(seen, model[name + "memory_input_norm.weight"], epsilon) : x
            var gated = rootMeanSquareNorm(seen, model[name + "attention_norm.weight"], epsilon)
            if hasMemory {
                let read = rootMeanSquareNorm(learned(input), model[name + "memory_norm.weight"], epsilon)
                gated = zip(gated, read).map { $0 / (1 + exp(-$1)) }
            }
            return product(model[name + "o_proj.weight"], gated)
        }
    }

    /// A projection, head by head.
    private func heads(_ name: String, _ projection: String, _ x: [Double]) -> [[Double]] {
        let y = product(model[name + "attention.\(projection)_proj.weight"], x)
        return stride(from: 0, to: width, by: width / headCount).map { Array(y[$0 ..< $0 + width / headCount]) }
    }

    private func turned(_ x: [Double], _ position: Int) -> [Double] {
        var y = x
        for j in 0 ..< pairs {
            let angle = Double(position) * pow(10_000, -Double(j) / Double(pairs))
            y[j] = x[j] * cos(angle) - x[j + pairs] * sin(angle)
            y[j + pairs] = x[j + pairs] * cos(angle) + x[j] * sin(angle)
        }
        return y
    }

    private func attention(_ q: [[Double]], _ keys: [[[Double]]], _ values: [[[Double]]]) -> [Double] {
        q.indices.flatMap { head -> [Double] in
            let scores = keys.map { key in zip(q[head], key[head]).reduce(0) { $0 + $1.0 * $1.1 } / Double(2 * pairs).squareRoot() }
            let top = scores.max() ?? 0, weights = scores.map { exp($0 - top) }, total = weights.reduce(0, +)
            return (0 ..< 2 * pairs).map { i in zip(weights, values).reduce(0) { $0 + $1.0 * $1.1[head][i] } / total }
        }
    }
}
