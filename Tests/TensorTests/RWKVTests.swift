import Glibc
import Testing

@testable import Tensor

@Suite struct RWKVTests {
    /// A text in pieces of any length gives what it gives at once, and nothing that somebody holds is overwritten.
    @Test func textsContinue() {
        var random = RandomNumbers(31)
        let tokens = 40
        let (key, value) = (random.tensor([2, tokens, 18]), random.tensor([2, tokens, 18]))
        let (decay, first) = (random.tensor([18], in: -2 ... -0.1), random.tensor([18]))
        let mix = random.tensor([18], in: 0...1)
        let heads = (0..<6).map { _ in random.tensor([2, tokens, 2, 9], in: 0.1...0.5) }
        var sums = WKV4State(rows: 2, channels: 18, .float64)
        var memory = Tensor.zeros([2, 2, 9, 9], .float64)
        var previous = Tensor.zeros([2, 1, 18], .float64)
        let (heldSums, heldMemory) = (sums, memory)
        var parts: (shift: [Tensor], average: [Tensor], rule: [Tensor]) = ([], [], [])
        for range in [0..<1, 1..<2, 2..<4, 4..<21, 21..<40] {
            func part(_ x: Tensor) -> Tensor { x.sliced(axis: 1, range) }
            parts.shift.append(tokenShift(part(key), mix: mix, weight: .ofCurrent, after: previous))
            previous = key.sliced(axis: 1, range.upperBound - 1..<range.upperBound)
            parts.average.append(wkv4(decay: decay, first: first, key: part(key), value: part(value), state: &sums))
            let x = heads.map(part)
            parts.rule.append(
                wkv7(
                    receptance: x[0], decay: x[1], key: x[2], value: x[3], removal: x[4], rate: x[5], state: &memory))
        }
        let x = heads
        let whole = (
            tokenShift(key, mix: mix, weight: .ofCurrent), wkv4(decay: decay, first: first, key: key, value: value),
            wkv7(receptance: x[0], decay: x[1], key: x[2], value: x[3], removal: x[4], rate: x[5])
        )
        #expect((concatenate(parts.shift, axis: 1) - whole.0).square().sum().item < 1e-26)
        #expect((concatenate(parts.average, axis: 1) - whole.1).square().sum().item < 1e-26)
        #expect((concatenate(parts.rule, axis: 1) - whole.2).square().sum().item < 1e-26)
        #expect(heldSums.numerator.toArray().allSatisfy { $0 == 0 } && heldSums.exponent.toArray().allSatisfy { $0 == -1e38 })
        #expect(heldMemory.toArray().allSatisfy { $0 == 0 })
    }

    /// The sums of the definition in logarithms, for keys whose exponentials no float holds.
    @Test(arguments: [1.0, 50, 500])
    func averagesOfLargeKeysStayFinite(_ size: Double) {
        var random = RandomNumbers(32)
        let (tokens, channels) = (70, 5)
        let key = random.tensor([1, tokens, channels], in: -size...size)
        let value = random.tensor([1, tokens, channels])
        let (decay, first) = (random.tensor([channels], in: -3 ... -0.001), random.tensor([channels]))
        let (k, v, w, u) = (key.toArray(), value.toArray(), decay.toArray(), first.toArray())
        var expected: [Double] = []
        for t in 0..<tokens {
            for c in 0..<channels {
                let logs = (0...t).map { i in
                    k[i * channels + c] + (i == t ? u[c] : Double(t - 1 - i) * w[c])
                }
                let top = logs.max() ?? 0
                let weights = logs.map { exp($0 - top) }
                let sum = (0...t).reduce(0) { $0 + weights[$1] * v[$1 * channels + c] }
                expected.append(sum / weights.reduce(0, +))
            }
        }
        let found = wkv4(decay: decay, first: first, key: key, value: value).toArray()
        #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-12 })
        func single(_ x: Tensor) -> Tensor { Tensor(x.toArray(), shape: x.shape, type: .float32) }
        let inputs = [decay, first, key, value].map(single)
        for input in inputs { input.requiresGradient = true }
        let y = wkv4(decay: inputs[0], first: inputs[1], key: inputs[2], value: inputs[3])
        // The rounding of a key of 500 alone changes its weight by 3 in 100,000.
        #expect(zip(y.toArray(), expected).allSatisfy { abs($0 - $1) < 1e-6 * max(1, size) })
        for slope in gradients(of: y.sum(), withRespectTo: inputs) { #expect(slope.toArray().allSatisfy { $0.isFinite }) }
    }

    /// A rate and a removal key of 1 take out what stood at the key: the delta rule's reason.
    @Test func whatWasWrittenIsReadAndReplaced() {
        func oneHot(_ places: [Int]) -> Tensor {
            Tensor(places.flatMap { place in (0..<4).map { $0 == place ? 1.0 : 0 } }, shape: [1, places.count, 1, 4])
        }
        let keys = oneHot([1, 2, 1, 3])
        let values = Tensor((0..<16).map { Double($0) + 1 }, shape: [1, 4, 1, 4])
        let ones = Tensor.ones([1, 4, 1, 4], .float64)
        let y = wkv7(
            receptance: oneHot([1, 1, 1, 2]), decay: ones, key: keys, value: values, removal: keys, rate: ones
        ).toArray()
        #expect(y == [1, 2, 3, 4, 1, 2, 3, 4, 9, 10, 11, 12, 5, 6, 7, 8])
    }

    /// Few rows and many go different ways.
    @Test(arguments: [1, 3, 4, 5, 40], [1, 16, 33, 150])
    func inputMajorWeightsMultiply(_ rows: Int, _ outputs: Int) throws {
        var random = RandomNumbers(33)
        let (x, w, b) = (random.tensor([rows, 7]), random.tensor([7, outputs]), random.tensor([1, 1, outputs]))
        for (type, tolerance) in [(ScalarType.float64, 1e-14), (.float32, 1e-6)] {
            let inputs = [x, w, b].map { Tensor($0.toArray(), shape: $0.shape, type: type) }
            let found = linear(inputs[0], inputMajorWeight: inputs[1], bias: inputs[2]).toArray()
            let expected = (matmul(x, w) + b.reshaped([outputs])).toArray()
            #expect(zip(found, expected).allSatisfy { abs($0 - $1) <= tolerance * 7 })
        }
        guard rows * outputs <= 100 else { return }
        try GradientCheck().run([x, w, b]) { linear($0[0], inputMajorWeight: $0[1], bias: $0[2]) }
        try GradientCheck().run([x, w]) { linear($0[0], inputMajorWeight: $0[1]) }
    }
}
