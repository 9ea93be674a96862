import Kernels
import Testing

@Suite struct OptimizerTests {
    private func check<R: Real>(_ type: R.Type, _ n: Int) {
        var random = Generator(UInt64(n))
        let p = random.values(n)
        let gradients = [random.values(n), random.values(n), random.values(n)]
        let (rate, beta1, beta2, epsilon, decay, scale) = (0.125, 0.875, 0.96875, 0.0009765625, 0.25, 0.5)
        var (expected, m, v) = (p, [Double](repeating: 0, count: n), [Double](repeating: 0, count: n))
        var parameter = p.to(R.self)
        var first = [R](repeating: 0, count: n)
        var second = [R](repeating: 0, count: n)
        var (power1, power2) = (1.0, 1.0)
        for gradient in gradients {
            (power1, power2) = (power1 * beta1, power2 * beta2)
            for i in 0 ..< n {
                let g = scale * gradient[i]
                m[i] = beta1 * m[i] + (1 - beta1) * g
                v[i] = beta2 * v[i] + (1 - beta2) * g * g
                let step = m[i] / (1 - power1) / ((v[i] / (1 - power2)).squareRoot() + epsilon)
                expected[i] -= rate * (step + decay * expected[i])
            }
            R.adamw(
                Int64(n), &parameter, gradient.to(R.self), &first, &second, R(rate), R(beta1), R(beta2), R(epsilon), R(decay),
                R(1 - power1), R(1 - power2), R(scale))
        }
        expectClose(parameter, expected, "parameter")
        expectClose(first, m, "first moment")
        expectClose(second, v, "second moment")
    }

    @Test(arguments: [1, 2, 15, 16, 17, 100]) func adamw(_ n: Int) {
        check(Float.self, n)
        check(Double.self, n)
    }
}
