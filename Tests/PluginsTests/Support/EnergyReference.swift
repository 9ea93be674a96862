import Foundation

/// An energy-based transformer written out: one position at a time, in double precision, the slope of the energy by central
/// differences. Slow.
struct EnergyReference {
    let parameter: (String) -> [Double]
    let vocabulary: Int
    let width: Int
    let layers: Int
    let heads: Int
    /// Embeddings of the step.
    let embeddings: Int
    let epsilon = 1e-5

    private typealias Vector = [Double]

    /// E of distribution `p` for what follows `text`, at step `step`.
    func energy(_ text: [Int32], _ p: [Double], step: Int) -> Double {
        let embedded = parameter("embeddings.weight")
        let time = parameter("transformer.time_embeddings.weight")
        let at = min(step, embeddings - 1)
        var context = [Array(time[at * width ..< (at + 1) * width])]
        context += text.map { Array(embedded[Int($0) * width ..< (Int($0) + 1) * width]) }
        var candidate = product(parameter("vocab_to_embed.weight"), p)
        for layer in 0 ..< layers {
            func weight(_ name: String) -> [Double] { parameter("transformer.layers.\(layer).\(name).weight") }
            let keys = context.enumerated().map { place, x in project(weight("attention.wk"), x, layer, place) }
            let values = context.map { product(weight("attention.wv"), normed($0, weight("attention_norm"))) }
            func block(_ x: Vector, _ place: Int, _ keys: [Vector], _ values: [Vector]) -> Vector {
                let q = project(weight("attention.wq"), x, layer, place)
                let mixed = product(weight("attention.wo"), attend(q, keys, values))
                let h = zip(x, mixed).map { $0 + $1 }
                let n = normed(h, weight("ffn_norm"))
                let gated = zip(product(weight("feed_forward.w1"), n), product(weight("feed_forward.w3"), n)).map { silu($0) * $1 }
                return zip(h, product(weight("feed_forward.w2"), gated)).map { $0 + $1 }
            }
            let place = text.count + 1
            let own = project(weight("attention.wk"), candidate, layer, place)
            let ownValue = product(weight("attention.wv"), normed(candidate, weight("attention_norm")))
            candidate = block(candidate, place, keys + [own], values + [ownValue])
            context = context.indices.map { block(context[$0], $0, Array(keys[0 ... $0]), Array(values[0 ... $0])) }
        }
        return product(parameter("transformer.final_layer.weight"), normed(candidate, parameter("transformer.norm.weight")))[0]
    }

    /// Logits after one step from `z`, and the energies before and after it.
    func step(_ text: [Int32], _ z: [Double], step: Int) -> (z: [Double], before: Double, after: Double) {
        let p = softmax(z), alpha = max(parameter("alpha")[0], 1e-4), h = 1e-5
        let next = p.indices.map { symbol -> Double in
            func at(_ shift: Double) -> Double {
                var moved = p
                moved[symbol] += shift
                return energy(text, moved, step: step)
            }
            return p[symbol] - alpha * (at(h) - at(-h)) / (2 * h)
        }
        return (next, energy(text, p, step: step), energy(text, softmax(next), step: step))
    }

    func softmax(_ z: [Double]) -> [Double] {
        let top = z.max() ?? 0
        let weights = z.map { exp($0 - top) }
        let total = weights.reduce(0, +)
        return weights.map { $0 / total }
    }

    private func normed(_ x: Vector, _ weight: Vector) -> Vector { rootMeanSquareNorm(x, weight, epsilon) }

    /// A query or key of every head, turned: pairs (2j, 2j + 1).
    private func project(_ weight: Vector, _ x: Vector, _ layer: Int, _ place: Int) -> Vector {
        var y = product(weight, normed(x, parameter("transformer.layers.\(layer).attention_norm.weight")))
        let headWidth = width / heads
        for pair in 0 ..< width / 2 {
            let angle = Double(place) * pow(10_000, -2 * Double(pair % (headWidth / 2)) / Double(headWidth))
            let (a, b) = (y[2 * pair], y[2 * pair + 1])
            (y[2 * pair], y[2 * pair + 1]) = (a * cos(angle) - b * sin(angle), b * cos(angle) + a * sin(angle))
        }
        return y
    }

    private func attend(_ q: Vector, _ keys: [Vector], _ values: [Vector]) -> Vector {
        let headWidth = width / heads
        return (0 ..< heads).flatMap { head -> Vector in
            let range = head * headWidth ..< (head + 1) * headWidth
            let scores = keys.map { key in range.reduce(0) { $0 + q[$1] * key[$1] } / Double(headWidth).squareRoot() }
            let weights = softmax(scores)
            return range.map { channel in zip(weights, values).reduce(0) { $0 + $1.0 * $1.1[channel] } }
        }
    }
}
