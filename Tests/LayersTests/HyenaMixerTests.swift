import Foundation
import Layers
import SequenceModel
import Tensor
import Testing

/// Hyena's operator against the authors', its two forms against each other, and against sums written out.
@Suite struct HyenaMixerTests {
    private func input(_ shape: [Int], _ type: ScalarType) -> Tensor {
        var stream = RandomKey(seed: 9).stream
        return Tensor((0 ..< shape.reduce(1, *)).map { _ in stream.normal() }, shape: shape, type: type)
    }

    private func largestDifference(_ a: [Double], _ b: [Double]) -> Double {
        a.count == b.count ? zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) } : .infinity
    }

    private func mixer(_ kind: HyenaMixer.FilterKind, order: Int, type: ScalarType) -> (HyenaMixer, Parameters) {
        let p = Parameters()
        var shape = HyenaMixer.Shape()
        (shape.width, shape.order, shape.filter) = (20, order, kind)
        let mixer = HyenaMixer(shape, p)
        for parameter in p.all {
            var stream = RandomKey(seed: 5).split(parameter.declaration.name).stream
            let count = parameter.shape.reduce(1, *)
            let drawn = parameter.custom.map { $0(&stream) } ?? (0 ..< count).map { _ in 0.3 * stream.normal() }
            parameter.bind(Tensor(drawn, shape: parameter.shape, type: type))
        }
        return (mixer, p)
    }

    private static var implicit: HyenaMixer.FilterKind {
        var shape = ImplicitFilter.Shape()
        (shape.positions, shape.embedding, shape.hidden, shape.frequency) = (300, 5, 8, 2)
        return .implicit(shape)
    }

    /// `standalone_hyena.py` of HazyResearch/safari (02220c6): order 3, l_max 32.
    @Test(arguments: [ScalarType.float32, .float64]) func agreesWithTheAuthorsOperator(_ type: ScalarType) throws {
        let fixture = LayerFixture("off_hyena_layer")
        var inner = ImplicitFilter.Shape()
        (inner.positions, inner.embedding, inner.hidden, inner.frequency) = (32, 5, 16, 14)
        var shape = HyenaMixer.Shape()
        (shape.width, shape.order, shape.filter) = (8, 3, .implicit(inner))
        let p = Parameters()
        let mixer = HyenaMixer(shape, p)
        // What the authors keep beside the parameters, made here, is theirs; z of them is what they start with.
        try fixture.bind(p, type)
        let io = try fixture.tensors("io.safetensors")
        let (u, y) = (try #require(io["u"]), try #require(io["y"]))
        let output = mixer(Tensor(u.values, shape: u.shape, type: type))
        #expect(largestDifference(output.toArray(), y.values) <= 1e-4)
        try fixture.checkGradients(p, of: output.square().mean(), tolerance: 1e-3)
        let z = try #require(p.all.first { $0.declaration.name == "filter_fn.pos_emb.z" })
        var stream = RandomKey(seed: 1).stream
        let published = try #require(fixture.tensors("params.safetensors")["filter_fn.pos_emb.z"])
        #expect(largestDifference(z.custom?(&stream) ?? [], published.values) <= 1e-5)
    }

    @Test(arguments: [ScalarType.float32, .float64], [2, 3, 4])
    func wholeAndPiecesAgree(_ type: ScalarType, _ order: Int) throws {
        for kind in [HyenaMixerTests.implicit, .modal(4)] {
            let (mixer, _) = mixer(kind, order: order, type: type)
            let tokens = 200
            let x = input([2, tokens, 20], type)
            let whole = mixer(x).toArray()
            var state = try mixer.initialState(rows: 2, scalarType: type)
            var parts: [Tensor] = []
            var begin = 0
            for length in [1, 7, 1, 40, 1, 1000] where begin < tokens {
                let end = min(tokens, begin + length)
                parts.append(try mixer(x.sliced(axis: 1, begin ..< end), position: begin, &state))
                begin = end
            }
            let scale = max(1, whole.map(abs).max() ?? 0)
            let tolerance = (type == .float64 ? 1e-11 : 5e-6) * scale
            #expect(largestDifference(concatenate(parts, axis: 1).toArray(), whole) <= tolerance)
        }
    }

    /// Everything in sums of numbers: filters, gates, the short convolution.
    @Test func isWhatItsEquationsSay() throws {
        for (kind, isModal) in [(HyenaMixerTests.implicit, false), (HyenaMixer.FilterKind.modal(4), true)] {
            let (mixer, p) = mixer(kind, order: 3, type: .float64)
            let (tokens, width) = (70, 20)
            func w(_ name: String) throws -> [Double] { try #require(p.all.first { $0.declaration.name == name }).tensor.toArray() }
            func product(_ weight: [Double], _ x: [Double]) -> [Double] {
                (0 ..< weight.count / x.count).map { o -> Double in
                    var sum = 0.0
                    for (index, value) in x.enumerated() { sum += weight[o * x.count + index] * value }
                    return sum
                }
            }
            let u = input([1, tokens, width], .float64)
            let values = u.toArray()
            let (into, bias) = (try w("in_proj.weight"), try w("in_proj.bias"))
            let projected = (0 ..< tokens).map { t in
                zip(product(into, Array(values[t * width ..< (t + 1) * width])), bias).map { $0 + $1 }
            }
            let (short, shortBias) = (try w("short_filter.weight"), try w("short_filter.bias"))
            let s = (0 ..< tokens).map { t in
                (0 ..< 4 * width).map { c -> Double in
                    var sum = shortBias[c]
                    for tap in 0 ..< 3 where t - 2 + tap >= 0 { sum += short[c * 3 + tap] * projected[t - 2 + tap][c] }
                    return sum
                }
            }
            let taps = try isModal ? modalTaps(tokens, 2 * width, w) : implicitTaps(tokens, 2 * width, w)
            let skip = try w("filter_fn.bias")
            var v = s.map { Array($0[(3 * width)...]) }
            for index in 0 ..< 2 {
                var gated = v
                for t in 0 ..< tokens {
                    for c in 0 ..< width { gated[t][c] *= s[t][(2 - index) * width + c] }
                }
                for t in 0 ..< tokens {
                    for c in 0 ..< width {
                        let filter = index * width + c
                        var sum = skip[filter] * gated[t][c]
                        for earlier in 0 ... t { sum += taps[t - earlier][filter] * gated[earlier][c] }
                        v[t][c] = sum
                    }
                }
            }
            let (out, outBias) = (try w("out_proj.weight"), try w("out_proj.bias"))
            var expected: [Double] = []
            for t in 0 ..< tokens {
                let gated = (0 ..< width).map { c -> Double in v[t][c] * s[t][c] }
                expected += zip(product(out, gated), outBias).map { $0 + $1 }
            }
            let scale = max(1, expected.map(abs).max() ?? 0)
            #expect(largestDifference(mixer(u).toArray(), expected) <= 1e-10 * scale)
        }
    }

    private func modalTaps(_ tokens: Int, _ channels: Int, _ w: (String) throws -> [Double]) throws -> [[Double]] {
        let (poles, residues) = (try w("filter_fn.poles"), try w("filter_fn.residues"))
        return (0 ..< tokens).map { t in
            (0 ..< channels).map { c -> Double in
                var sum = 0.0
                for at in stride(from: 8 * c, to: 8 * (c + 1), by: 2) {
                    let (re, im) = (poles[at], poles[at + 1])
                    var power = (1.0, 0.0)
                    for _ in 0 ..< t { power = (power.0 * re - power.1 * im, power.0 * im + power.1 * re) }
                    sum += residues[at] * power.0 - residues[at + 1] * power.1
                }
                return sum
            }
        }
    }

    private func implicitTaps(_ tokens: Int, _ channels: Int, _ w: (String) throws -> [Double]) throws -> [[Double]] {
        let (z, f) = (try w("filter_fn.pos_emb.z"), try w("filter_fn.implicit_filter.1.freq"))
        let layers = try [0, 2, 4].map {
            (try w("filter_fn.implicit_filter.\($0).weight"), try w("filter_fn.implicit_filter.\($0).bias"))
        }
        let last = try w("filter_fn.implicit_filter.6.weight")
        return (0 ..< tokens).map { t in
            var x = Array(z[t * 5 ..< (t + 1) * 5])
            for (weight, bias) in layers {
                x = bias.indices.map { o -> Double in
                    var sum = bias[o]
                    for (index, value) in x.enumerated() { sum += weight[o * x.count + index] * value }
                    return sin(f[o] * sum)
                }
            }
            return (0 ..< channels).map { c -> Double in
                let place = Double(c) / Double(channels - 1)
                let speed: Double = abs(log(0.01)) * (1 / 1.5 + (1 / 0.3 - 1 / 1.5) * place)
                var sum = 0.0
                for (index, value) in x.enumerated() { sum += last[c * 8 + index] * value }
                return sum * exp(-Double(t) / 299 * speed)
            }
        }
    }

    @Test func polesBeyondTheUnitCircleActAsOnIt() throws {
        let p = Parameters()
        var shape = HyenaMixer.Shape()
        (shape.width, shape.filter) = (1, .modal(1))
        let mixer = HyenaMixer(shape, p)
        for parameter in p.all {
            let count = parameter.shape.reduce(1, *)
            var values = [Double](repeating: 0, count: count)
            if parameter.declaration.name == "filter_fn.poles" { values = [0, 2] }
            if parameter.declaration.name == "filter_fn.residues" { values = [1, 0] }
            parameter.bind(Tensor(values, shape: parameter.shape))
        }
        let taps = mixer.filters(length: 9)[0].toArray()
        #expect(largestDifference(taps, [1, 0, -1, 0, 1, 0, -1, 0, 1]) < 1e-14)
    }
}
