import Glibc
import Testing

@testable import Tensor

/// What the fused cases are too short for: several levels of transforms, and phases of thousands of turns.
@Suite struct LongConvolutionTests {
    private func relative(_ a: [Double], _ b: [Double]) -> Double {
        let error = zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        return (error / b.reduce(0) { $0 + $1 * $1 }).squareRoot()
    }

    /// Values and both gradients against sums over all pairs of tokens, at lengths around powers of two.
    @Test(arguments: [ScalarType.float32, .float64], [127, 128, 129, 500, 1000])
    func isTheSumOverAllEarlierTokens(_ type: ScalarType, _ tokens: Int) throws {
        let (rows, channels) = (3, 21)
        var random = RandomNumbers(tokens)
        let (x, filter) = (random.tensor([rows, tokens, channels], in: -1...1, type), random.tensor([tokens, channels], in: -1...1, type))
        let dy = random.tensor([rows, tokens, channels], in: -1...1, type)
        x.requiresGradient = true
        filter.requiresGradient = true
        let execution = Execution(poisonsFreshMemory: true)
        let (y, slopes) = try execution.run { () -> ([Double], [[Double]]) in
            let y = longConvolution(x, filter: filter)
            return (y.toArray(), gradients(of: y, withRespectTo: [x, filter], seed: dy).map { $0.toArray() })
        }
        let (xs, taps, seed) = (x.toArray(), filter.toArray(), dy.toArray())
        var expected = [Double](repeating: 0, count: xs.count), dx = expected
        var dfilter = [Double](repeating: 0, count: taps.count)
        for row in 0..<rows {
            for t in 0..<tokens {
                for s in 0...t {
                    let (to, from, tap) = ((row * tokens + t) * channels, (row * tokens + s) * channels, (t - s) * channels)
                    for c in 0..<channels {
                        expected[to + c] += taps[tap + c] * xs[from + c]
                        dx[from + c] += taps[tap + c] * seed[to + c]
                        dfilter[tap + c] += seed[to + c] * xs[from + c]
                    }
                }
            }
        }
        let tolerance = type == .float64 ? 1e-14 : 5e-7
        #expect(relative(y, expected) <= tolerance)
        #expect(relative(slopes[0], dx) <= tolerance)
        #expect(relative(slopes[1], dfilter) <= tolerance)
    }

    /// A transform of all tokens would round each output by later inputs.
    @Test func laterInputsChangeNoBit() {
        var random = RandomNumbers(3)
        let (tokens, channels) = (700, 40)
        let (x, filter) = (random.tensor([1, tokens, channels], in: -1...1, .float32), random.tensor([tokens, channels], in: -1...1, .float32))
        let before = longConvolution(x, filter: filter).toArray()
        for place in [699, 512, 511, 300, 64, 2] {
            var values = x.toArray()
            values[place * channels + 7] += 1
            let after = longConvolution(Tensor(values, shape: x.shape, type: .float32), filter: filter).toArray()
            #expect(after[..<(place * channels)] == before[..<(place * channels)])
            #expect(after[place * channels + 7] != before[place * channels + 7])
        }
    }

    /// Float32 numbers to 8,000 turns: a phase computed as time times rate in float32 would be off by thousandths.
    @Test func phasesAreExactFarOut() {
        let rates = [3.1, 2.7, 0.9, 1e-3].map { Double(Float($0)) }
        let decays = [-1e-5, -2e-5, 0, -3e-5].map { Double(Float($0)) }
        let length = 16_384
        func tensor(_ values: [Double]) -> Tensor { Tensor(values, shape: [1, 4], type: .float32) }
        let filter = exponentialSums(
            amplitude: ComplexTensor(real: tensor([1, 0.5, 0.25, 0]), imaginary: tensor([0, 0.5, 0, 1])),
            rate: ComplexTensor(real: tensor(decays), imaginary: tensor(rates)), length: length
        ).toArray()
        let amplitudes = [(1.0, 0.0), (0.5, 0.5), (0.25, 0), (0, 1)]
        var largest = 0.0
        for t in 0..<length {
            var sum = 0.0
            for n in 0..<4 {
                let size = exp(decays[n] * Double(t)), angle = rates[n] * Double(t)
                sum += size * (amplitudes[n].0 * cos(angle) - amplitudes[n].1 * sin(angle))
            }
            largest = max(largest, abs(sum - filter[t]))
        }
        #expect(largest < 1e-6, "\(largest)")
    }

    /// History and new tokens, split anywhere, give the whole.
    @Test func historyContributesWhatTheWholeSays() {
        var random = RandomNumbers(8)
        let (tokens, channels) = (90, 37)
        for type in [ScalarType.float64, .float32] {
            let (x, filter) = (random.tensor([2, tokens, channels], in: -1...1, type), random.tensor([tokens, channels], in: -1...1, type))
            let whole = longConvolution(x, filter: filter)
            for split in [1, 30, 64, 89] {
                let (past, new) = (x.sliced(axis: 1, 0..<split), x.sliced(axis: 1, split..<tokens))
                let own = longConvolution(new, filter: filter.sliced(axis: 0, 0..<tokens - split))
                let y = own + convolutionWithHistory(past, length: split, filter: filter, count: tokens - split)
                let expected = whole.sliced(axis: 1, split..<tokens).toArray()
                #expect(relative(y.toArray(), expected) <= (type == .float64 ? 1e-14 : 5e-7))
            }
        }
    }
}
