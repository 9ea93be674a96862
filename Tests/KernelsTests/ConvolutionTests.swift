import Glibc
import Kernels
import Testing

@Suite struct ConvolutionTests {
    struct Shape {
        var tokens: Int
        var channels: Int
        var width: Int
    }

    private static func reference(
        _ s: Shape, silu: Bool, x: [Double], weight: [Double], bias: [Double], history: [Double]
    ) -> [Double] {
        var y: [Double] = []
        for t in 0 ..< s.tokens {
            for c in 0 ..< s.channels {
                var sum = bias[c]
                for j in 0 ..< s.width {
                    let source = t - (s.width - 1) + j
                    let value = source >= 0 ? x[source * s.channels + c] : history[(source + s.width - 1) * s.channels + c]
                    sum += weight[c * s.width + j] * value
                }
                y.append(silu ? sum * sigmoid(sum) : sum)
            }
        }
        return y
    }

    private func check<R: Real>(_ type: R.Type, _ s: Shape, silu: Bool, biased: Bool) {
        var random = Generator(UInt64(s.tokens * 100 + s.channels))
        let x = random.values(s.tokens * s.channels)
        let weight = random.values(s.channels * s.width)
        let bias = biased ? random.values(s.channels) : [Double](repeating: 0, count: s.channels)
        let history = random.values((s.width - 1) * s.channels)
        let nothing = [Double](repeating: 0, count: history.count)
        let dy = random.values(s.tokens * s.channels)
        let (xs, ys, dxs) = (s.channels + 2, s.channels + 1, s.channels + 3)
        let rows = strided(x, width: s.channels, stride: xs).to(R.self)
        let b: [R]? = biased ? bias.to(R.self) : nil
        for past in [history, nothing] {
            var y = poison(s.tokens * ys, R.self)
            withOptional(b) { b in
                // No history is the same as one of zeros.
                withOptional(past == nothing ? nil : past.to(R.self)) { h in
                    R.convolution(
                        Int64(s.tokens), Int64(s.channels), Int64(s.width), silu ? 1 : 0, rows, Int64(xs), weight.to(R.self), b,
                        h, &y, Int64(ys))
                }
            }
            expectClose(
                unstrided(y, width: s.channels, stride: ys),
                Self.reference(s, silu: silu, x: x, weight: weight, bias: bias, history: past), "convolution \(s)")
        }
        var dx = poison(s.tokens * dxs, R.self)
        var dweight = [R](repeating: 0.5, count: weight.count)
        var dbias = [R](repeating: -0.5, count: s.channels)
        var workspace = poison(s.tokens * s.channels + 1, R.self)
        withOptional(b) { b in
            R.convolutionBackward(
                Int64(s.tokens), Int64(s.channels), Int64(s.width), silu ? 1 : 0, rows, Int64(xs), weight.to(R.self), b,
                strided(dy, width: s.channels, stride: ys).to(R.self), Int64(ys), &dx, Int64(dxs), &dweight, &dbias, &workspace)
        }
        #expect(workspace[s.tokens * s.channels].isNaN, "wrote behind the workspace")
        func loss(_ x: [Double], _ weight: [Double], _ bias: [Double]) -> Double {
            dot(dy, Self.reference(s, silu: silu, x: x, weight: weight, bias: bias, history: nothing))
        }
        let tolerance = max(R.tolerance, 1e-6)
        expectClose(unstrided(dx, width: s.channels, stride: dxs), differences(x) { loss($0, weight, bias) }, "dx", tolerance: tolerance)
        expectClose(dweight, differences(weight) { loss(x, $0, bias) }.map { $0 + 0.5 }, "dweight", tolerance: tolerance)
        expectClose(dbias, differences(bias) { loss(x, weight, $0) }.map { $0 - 0.5 }, "dbias", tolerance: tolerance)
    }

    @Test(arguments: [
        Shape(tokens: 1, channels: 3, width: 4), Shape(tokens: 2, channels: 17, width: 4), Shape(tokens: 7, channels: 16, width: 4),
        Shape(tokens: 10, channels: 3, width: 1), Shape(tokens: 63, channels: 2, width: 3), Shape(tokens: 64, channels: 1, width: 4),
        Shape(tokens: 65, channels: 2, width: 2), Shape(tokens: 3, channels: 70, width: 4), Shape(tokens: 5, channels: 3, width: 40),
    ]) func agrees(_ shape: Shape) {
        for silu in [false, true] {
            for biased in [false, true] {
                check(Float.self, shape, silu: silu, biased: biased)
                check(Double.self, shape, silu: silu, biased: biased)
            }
        }
    }
}
