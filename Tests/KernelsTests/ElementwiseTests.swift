import Kernels
import Testing

@Suite struct ElementwiseTests {
    static let counts = [1, 2, 15, 16, 17, 63, 64, 65, 100]

    private func checkArithmetic<R: Real>(_ type: R.Type, _ n: Int) {
        var random = Generator(UInt64(n))
        let a = random.values(n)
        let b = random.values(n, 0.5, 2)
        for (name, kernel, reference) in R.binary {
            let expected = zip(a, b).map(reference)
            var y = poison(n + 1, R.self)
            kernel(Int64(n), a.to(R.self), b.to(R.self), &y)
            expectClose(Array(y.prefix(n)), expected, name)
            #expect(y[n].isNaN, "\(name) wrote behind the end")
            var inPlace = a.to(R.self)
            inPlace.withUnsafeMutableBufferPointer { p in
                if let base = p.baseAddress { kernel(Int64(n), base, b.to(R.self), base) }
            }
            expectClose(inPlace, expected, "\(name) in place")
        }
        var y = poison(n, R.self)
        R.fill(Int64(n), 3, &y)
        #expect(y.allSatisfy { $0 == 3 })
        R.scale(Int64(n), -2, a.to(R.self), &y)
        expectClose(y, a.map { -2 * $0 }, "scale")
        R.addScalar(Int64(n), 0.5, a.to(R.self), &y)
        expectClose(y, a.map { $0 + 0.5 }, "add_scalar")
        y = b.to(R.self)
        R.accumulate(Int64(n), 3, a.to(R.self), &y)
        expectClose(y, zip(a, b).map { 3 * $0 + $1 }, "accumulate")
        y = b.to(R.self)
        R.accumulateProduct(Int64(n), a.to(R.self), a.to(R.self), &y)
        expectClose(y, zip(a, b).map { $0 * $0 + $1 }, "accumulate_product")
    }

    @Test(arguments: counts) func arithmetic(_ n: Int) {
        checkArithmetic(Float.self, n)
        checkArithmetic(Double.self, n)
    }

    /// Relative to each value, not to the largest: a function is only as good as its small results.
    private func checkUnary<R: Real>(_ type: R.Type, _ n: Int, relative: Double, floor: Double) {
        for f in R.unary {
            var random = Generator(UInt64(n) &+ 99)
            var x = random.values(n, f.domain.lowerBound, f.domain.upperBound)
            // Half of the arguments near zero (or the least one), where cancellation would show.
            for i in stride(from: 0, to: n, by: 2) { x[i] = Double(Float(f.domain.contains(0) ? x[i] * 1e-3 : f.domain.lowerBound * (1 + Double(i) / 100))) }
            let dy = random.values(n, 0.5, 1.5)
            var y = poison(n + 1, R.self)
            f.kernel(Int64(n), x.to(R.self), &y)
            #expect(y[n].isNaN, "\(f.name) wrote behind the end")
            var dx = dy.to(R.self)
            dx.withUnsafeMutableBufferPointer { p in
                if let base = p.baseAddress { f.backward(Int64(n), x.to(R.self), base, base) }
            }
            for i in 0 ..< n {
                let expected = f.reference(x[i])
                #expect(
                    abs(Double(y[i]) - expected) <= relative * abs(expected) + floor,
                    "\(f.name)(\(x[i])) is \(y[i]), expected \(expected) [\(R.self)]")
                let slope = f.derivative(x[i]) * dy[i]
                // Products of rounded factors; where terms cancel the error is relative to them, which are of size 1.
                #expect(
                    abs(Double(dx[i]) - slope) <= 4 * relative * max(abs(slope), min(1, abs(expected))) + floor,
                    "derivative of \(f.name) at \(x[i]) is \(dx[i]), expected \(slope) [\(R.self)]")
            }
        }
    }

    @Test(arguments: counts) func functions(_ n: Int) {
        checkUnary(Float.self, n, relative: 4e-7, floor: 2e-38)
        checkUnary(Double.self, n, relative: 2e-15, floor: 1e-307)
    }

    private func checkLimits<R: Real>(_ type: R.Type) {
        let infinity = R.infinity
        let x: [R] = [infinity, -infinity, .nan, 0, -0.0]
        func apply(_ name: String) -> [R] {
            var y = poison(5, R.self)
            R.unary.first { $0.name == name }?.kernel(5, x, &y)
            return y
        }
        #expect(apply("exp").prefix(2) == [infinity, 0] && apply("exp")[3...] == [1, 1])
        #expect(apply("tanh").prefix(2) == [1, -1] && apply("tanh")[3...] == [0, 0])
        #expect(apply("tanh")[3].sign == .plus && apply("tanh")[4].sign == .minus)
        #expect(apply("sigmoid").prefix(2) == [1, 0] && apply("sigmoid")[3] == 0.5)
        #expect(apply("softplus").prefix(2) == [infinity, 0])
        #expect(apply("relu").prefix(2) == [infinity, 0])
        #expect(apply("log")[0] == infinity && apply("log")[3] == -infinity)
        for f in R.unary { #expect(apply(f.name)[2].isNaN, "\(f.name) hides a not-a-number") }
    }

    @Test func limits() {
        checkLimits(Float.self)
        checkLimits(Double.self)
        // The largest arguments with a finite result, and the next that overflow.
        var y: [Float] = [0, 0]
        zk_exp_f32(2, [88.72, 88.73], &y)
        #expect(y[0].isFinite && y[0] > 3.38e38 && y[1] == .infinity)
        var z: [Double] = [0, 0]
        zk_exp_f64(2, [709.78, 709.79], &z)
        #expect(z[0].isFinite && z[0] > 1.79e308 && z[1] == .infinity)
    }

    private func checkSwiglu<R: Real>(_ type: R.Type, _ width: Int) {
        let rows = 3
        var random = Generator(UInt64(width))
        // Gate and up are the halves of one projection: [rows, 2 * width].
        let fused = random.values(rows * 2 * width, -4, 4)
        let dy = random.values(rows * width)
        let stride = 2 * width
        var y = poison(rows * (width + 1), R.self)
        var d = poison(rows * stride, R.self)
        let x = fused.to(R.self)
        let slopes = strided(dy, width: width, stride: width + 1).to(R.self)
        x.withUnsafeBufferPointer { x in
            guard let gate = x.baseAddress else { return }
            R.swiglu(Int64(rows), Int64(width), gate, gate + width, Int64(stride), &y, Int64(width + 1))
            d.withUnsafeMutableBufferPointer { d in
                guard let dgate = d.baseAddress else { return }
                R.swigluBackward(
                    Int64(rows), Int64(width), gate, gate + width, Int64(stride), slopes, Int64(width + 1), dgate, dgate + width,
                    Int64(stride))
            }
        }
        func reference(_ fused: [Double]) -> [Double] {
            (0 ..< rows * width).map { i in
                let gate = fused[i / width * stride + i % width]
                return gate * sigmoid(gate) * fused[i / width * stride + width + i % width]
            }
        }
        expectClose(unstrided(y, width: width, stride: width + 1), reference(fused), "swiglu")
        expectClose(d, differences(fused) { dot(dy, reference($0)) }, "swiglu_backward", tolerance: max(R.tolerance, 1e-6))
    }

    @Test(arguments: [1, 15, 16, 33]) func swiglu(_ width: Int) {
        checkSwiglu(Float.self, width)
        checkSwiglu(Double.self, width)
    }
}
