import Foundation
import SequenceModel

/// The memory of Titans for one text, token by token in double precision: a network for each head as lists of numbers, its gradient by
/// back-propagation written out, weights updated one after the other.
struct SlowMemory {
    private let model: ProbedText
    private let name: String
    private let heads: Int, width: Int, chunk: Int
    private let maximumRate: Double
    /// Widths of the inner layers, inputs first.
    private let widths: [Int]
    /// Of each head and layer [rows · columns]: present weights, momentum and the weights of the chunk's start.
    private var weights: [[[Double]]] = []
    private var momentum: [[[Double]]] = []
    private(set) var origin: [[[Double]]] = []
    private var count = 0
    private var histories: [String: [[Double]]] = [:]

    init(_ model: ProbedText, _ name: String) throws {
        self.model = model
        self.name = name
        let c = model.model.configuration
        func size(_ key: String) -> Int { c[key]?.integerValue ?? 0 }
        (heads, chunk) = (size("num_attention_heads"), size("chunk_size"))
        width = size("hidden_size") / heads
        maximumRate = c["memory_max_rate"]?.doubleValue ?? 0
        let depth = size("memory_depth")
        widths = [width] + [Int](repeating: size("memory_expansion") * width, count: depth - 1) + [width]
        weights = (0 ..< heads).map { head in
            (0 ..< depth).map { layer in
                let all = model[name + "memory.\(layer)"], each = all.count / heads
                return Array(all[head * each ..< (head + 1) * each])
            }
        }
        momentum = weights.map { $0.map { $0.map { _ in 0 } } }
        origin = weights
    }

    /// What x reads after it was learned, and ‖k + f(k) − v‖² of each head before.
    mutating func learn(_ x: [Double]) -> (read: [Double], surprise: [Double]) {
        if count % chunk == 0 { origin = weights }
        count += 1
        let (q, k, v) = (vector("q", "q", x, isUnit: true), vector("k", "k", x, isUnit: true), vector("v", "v", x, isUnit: false))
        let (rate, carry, forgotten) = (gate("rate", x), gate("momentum", x), gate("forgetting", x))
        var read: [Double] = [], surprise: [Double] = []
        for head in 0 ..< heads {
            let (slopes, loss) = gradient(head, k[head], v[head])
            surprise.append(loss)
            for layer in slopes.indices {
                for place in slopes[layer].indices {
                    momentum[head][layer][place] =
                        carry[head] * momentum[head][layer][place] - maximumRate * rate[head] * slopes[layer][place]
                    weights[head][layer][place] =
                        (1 - forgotten[head]) * weights[head][layer][place] + momentum[head][layer][place]
                }
            }
            read += prediction(weights[head], q[head]).last.map { zip(q[head], $0).map { $0 + $1 } } ?? []
        }
        return (read, surprise)
    }

    /// What x recalls at the weights of the chunk's start; `begins` says that a chunk starts here.
    mutating func recall(_ x: [Double], begins: Bool) -> [Double] {
        if begins { origin = weights }
        let q = vector("asked", "q", x, isUnit: true)
        return (0 ..< heads).flatMap { head in
            zip(q[head], prediction(origin[head], q[head]).last ?? []).map { $0 + $1 }
        }
    }

    private func gate(_ gate: String, _ x: [Double]) -> [Double] {
        zip(product(model[name + "\(gate).weight"], x), model[name + "\(gate).bias"]).map { 1 / (1 + exp(-$0 - $1)) }
    }

    /// SiLU(conv(W x)), head by head, of length 1 if asked for.
    private mutating func vector(_ stream: String, _ projection: String, _ x: [Double], isUnit: Bool) -> [[Double]] {
        histories[stream, default: []].append(product(model[name + "\(projection)_proj.weight"], x))
        let history = histories[stream] ?? []
        let taps = model[name + "\(projection)_conv1d.weight"], reach = taps.count / x.count
        let y = x.indices.map { channel -> Double in
            var sum = 0.0
            for tap in 0 ..< reach where history.count - reach + tap >= 0 {
                sum += taps[channel * reach + tap] * history[history.count - reach + tap][channel]
            }
            return silu(sum)
        }
        return (0 ..< heads).map { head in
            let part = Array(y[head * width ..< (head + 1) * width])
            let length = (part.reduce(0) { $0 + $1 * $1 } + 1e-6).squareRoot()
            return isUnit ? part.map { $0 / length } : part
        }
    }

    /// z of each layer.
    private func prediction(_ weights: [[Double]], _ x: [Double]) -> [[Double]] {
        var y = x
        return weights.enumerated().map { layer, matrix in
            if layer > 0 { y = y.map { silu($0) } }
            y = (0 ..< widths[layer + 1]).map { o in y.indices.reduce(0) { $0 + y[$1] * matrix[$1 * widths[layer + 1] + o] } }
            return y
        }
    }

    /// Of the squared error at the weights of the chunk's start, and the error.
    private func gradient(_ head: Int, _ k: [Double], _ v: [Double]) -> ([[Double]], Double) {
        let z = prediction(origin[head], k)
        let error = zip(zip(k, z.last ?? []), v).map { $0.0 + $0.1 - $1 }
        var g = error.map { 2 * $0 }
        var slopes = origin[head]
        for layer in z.indices.reversed() {
            let input = layer == 0 ? k : z[layer - 1].map { silu($0) }
            slopes[layer] = input.flatMap { a in g.map { a * $0 } }
            guard layer > 0 else { break }
            let matrix = origin[head][layer]
            g = input.indices.map { i in
                let back = g.indices.reduce(0) { $0 + g[$1] * matrix[i * g.count + $1] }
                let x = z[layer - 1][i], s = 1 / (1 + exp(-x))
                return back * s * (1 + x * (1 - s))
            }
        }
        return (slopes, error.reduce(0) { $0 + $1 * $1 })
    }
}
