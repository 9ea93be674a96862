import Foundation
import Layers
import SequenceModel
import Tensor
import Testing

/// S4D against the authors' layer, and its two forms against each other and against the sum written out.
@Suite struct S4DMixerTests {
    private func mixer(width: Int, pairs: Int, type: ScalarType) -> (S4DMixer, Parameters) {
        let p = Parameters()
        var shape = S4DMixer.Shape()
        (shape.width, shape.pairs) = (width, pairs)
        let mixer = S4DMixer(shape, p)
        for parameter in p.all {
            var stream = RandomKey(seed: 5).split(parameter.declaration.name).stream
            let count = parameter.shape.reduce(1, *)
            let drawn = parameter.custom.map { $0(&stream) } ?? (0 ..< count).map { _ in 0.5 * stream.normal() }
            parameter.bind(Tensor(drawn, shape: parameter.shape, type: type))
        }
        return (mixer, p)
    }

    private func input(_ shape: [Int], _ type: ScalarType) -> Tensor {
        var stream = RandomKey(seed: 9).stream
        return Tensor((0 ..< shape.reduce(1, *)).map { _ in stream.normal() }, shape: shape, type: type)
    }

    private func largestDifference(_ a: [Double], _ b: [Double]) -> Double {
        a.count == b.count ? zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) } : .infinity
    }

    /// `s4d.py` of state-spaces/s4 (e757cef), d_state 16, H 8: inputs and outputs are [B, H, T] there.
    @Test(arguments: [ScalarType.float32, .float64]) func agreesWithTheAuthorsLayer(_ type: ScalarType) throws {
        let fixture = LayerFixture("off_s4d_layer")
        let p = Parameters()
        var shape = S4DMixer.Shape()
        (shape.width, shape.pairs) = (8, 8)
        let mixer = S4DMixer(shape, p)
        try fixture.bind(p, type)
        let io = try fixture.tensors("io.safetensors")
        let (u, y) = (try #require(io["u"]), try #require(io["y"]))
        let output = mixer(Tensor(u.values, shape: u.shape, type: type).transposed([0, 2, 1]))  // [B, T, H]
        #expect(largestDifference(output.transposed([0, 2, 1]).toArray(), y.values) <= 1e-4)
        try fixture.checkGradients(p, of: output.square().mean(), tolerance: 1e-3)
    }

    /// A convolution by transforms, the recurrence in pieces, and the sum over all earlier tokens.
    @Test(arguments: [ScalarType.float32, .float64], [1, 33, 64, 200])
    func convolutionRecurrenceAndSumAgree(_ type: ScalarType, _ tokens: Int) throws {
        let (mixer, p) = mixer(width: 20, pairs: 5, type: type)
        let x = input([2, tokens, 20], type)
        let tolerance = type == .float64 ? 1e-11 : 2e-5
        let whole = mixer(x).toArray()

        var state = mixer.initialState(rows: 2, scalarType: type)
        var parts: [Tensor] = []
        var begin = 0
        for length in [1, 7, 40, 1000] where begin < tokens {
            let end = min(tokens, begin + length)
            parts.append(mixer(x.sliced(axis: 1, begin ..< end), position: begin, &state))
            begin = end
        }
        #expect(largestDifference(concatenate(parts, axis: 1).toArray(), whole) <= tolerance)

        // y[t] = sum of K[t - s] u[s] + D u[t], K by its definition.
        func w(_ name: String) throws -> [Double] { try #require(p.all.first { $0.declaration.name == name }).tensor.toArray() }
        let (step, logReal, imaginary) = (try w("kernel.log_dt"), try w("kernel.log_A_real"), try w("kernel.A_imag"))
        let (readOut, skip) = (try w("kernel.C"), try w("D"))
        let (weight, bias, u) = (try w("output_linear.0.weight"), try w("output_linear.0.bias"), x.toArray())
        var y = [Double](repeating: 0, count: 2 * tokens * 20)
        for h in 0 ..< 20 {
            let taps = (0 ..< tokens).map { t -> Double in
                (0 ..< 5).reduce(0) { sum, n in
                    let at = h * 5 + n, dt = exp(step[h]), (re, im) = (-exp(logReal[at]), imaginary[at])
                    func power(_ time: Double) -> (Double, Double) {
                        (exp(dt * re * time) * cos(dt * im * time), exp(dt * re * time) * sin(dt * im * time))
                    }
                    let one = power(1), numerator = (one.0 - 1, one.1), size = re * re + im * im
                    let drive = ((numerator.0 * re + numerator.1 * im) / size, (numerator.1 * re - numerator.0 * im) / size)
                    let c = (readOut[2 * at], readOut[2 * at + 1])
                    let factor = (c.0 * drive.0 - c.1 * drive.1, c.0 * drive.1 + c.1 * drive.0), z = power(Double(t))
                    return sum + 2 * (factor.0 * z.0 - factor.1 * z.1)
                }
            }
            for row in 0 ..< 2 {
                for t in 0 ..< tokens {
                    let at = (row * tokens + t) * 20 + h
                    y[at] = skip[h] * u[at]
                    for s in 0 ... t { y[at] += taps[t - s] * u[(row * tokens + s) * 20 + h] }
                }
            }
        }
        let active = y.map { 0.5 * $0 * erfc(-$0 / 2.0.squareRoot()) }
        var expected: [Double] = []
        for place in 0 ..< 2 * tokens {
            let both = (0 ..< 40).map { o in
                (0 ..< 20).reduce(bias[o]) { $0 + weight[o * 20 + $1] * active[place * 20 + $1] }
            }
            expected += (0 ..< 20).map { both[$0] / (1 + exp(-both[20 + $0])) }
        }
        #expect(largestDifference(whole, expected) <= tolerance)
    }

    /// Later tokens change no bit of earlier outputs, though all go through transforms.
    @Test func laterTokensChangeNothingBefore() {
        let (mixer, _) = mixer(width: 20, pairs: 4, type: .float32)
        let x = input([1, 300, 20], .float32)
        let before = mixer(x).toArray()
        for place in [299, 256, 130, 63, 1] {
            var values = x.toArray()
            values[place * 20 + 3] += 1
            let after = mixer(Tensor(values, shape: [1, 300, 20], type: .float32)).toArray()
            #expect(after[..<(place * 20)] == before[..<(place * 20)])
            #expect(after[(place * 20)...] != before[(place * 20)...])
        }
    }

    @Test func firstValuesAndTrainingContractAreTheAuthors() throws {
        let p = Parameters()
        var shape = S4DMixer.Shape()
        (shape.width, shape.pairs, shape.learningRateMultiplier) = (300, 3, 0.25)
        _ = S4DMixer(shape, p)
        for parameter in p.all where parameter.declaration.name.hasPrefix("kernel.") {
            var stream = RandomKey(seed: 1).stream
            let values = parameter.custom?(&stream) ?? []
            let isSlow = parameter.declaration.name != "kernel.C"
            #expect(parameter.declaration.learningRateMultiplier == (isSlow ? 0.25 : 1))
            #expect(parameter.declaration.weightDecay == !isSlow)
            switch parameter.declaration.name {
            case "kernel.A_imag": #expect(Array(values[..<4]) == [0, Double.pi, 2 * Double.pi, 0])
            case "kernel.log_A_real": #expect(values.allSatisfy { $0 == log(0.5) })
            case "kernel.log_dt":
                #expect(values.allSatisfy { $0 >= log(0.001) && $0 <= log(0.1) })
                #expect(abs(values.reduce(0, +) / 300 - log(0.01)) < 0.3)
            default: #expect(parameter.shape == [300, 3, 2])
            }
        }
    }
}
