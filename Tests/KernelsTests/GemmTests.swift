import Kernels
import Testing

/// C = beta C + alpha op(A) op(B), one product at a time.
private func referenceProduct(
    _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Double, _ a: [Double], _ lda: Int,
    _ b: [Double], _ ldb: Int, _ beta: Double, _ c: [Double]
) -> [Double] {
    var result: [Double] = []
    for i in 0 ..< m {
        for j in 0 ..< n {
            var sum = 0.0
            for l in 0 ..< k {
                sum += a[transposeA ? l * lda + i : i * lda + l] * b[transposeB ? j * ldb + l : l * ldb + j]
            }
            result.append(alpha * sum + (beta == 0 ? 0 : beta * c[i * n + j]))
        }
    }
    return result
}

@Suite struct GemmTests {
    private func check<R: Real>(_ type: R.Type, _ m: Int, _ n: Int, _ k: Int, beta: Double) {
        for transposeA in [false, true] {
            for transposeB in [false, true] {
                var random = Generator(UInt64(m * 10007 + n * 101 + k))
                let (aRows, aWidth) = transposeA ? (k, m) : (m, k)
                let (bRows, bWidth) = transposeB ? (n, k) : (k, n)
                let lda = aWidth + 3
                let ldb = bWidth + 1
                let ldc = n + 2
                let a = strided(random.values(aRows * aWidth), width: aWidth, stride: lda)
                let b = strided(random.values(bRows * bWidth), width: bWidth, stride: ldb)
                let before = random.values(m * n)
                // With beta = 0 what was in C must not matter, not even a not-a-number.
                var c =
                    beta == 0
                    ? poison(m * ldc, R.self) : strided(before, width: n, stride: ldc).to(R.self)
                R.gemm(
                    transposeA ? 1 : 0, transposeB ? 1 : 0, Int64(m), Int64(n), Int64(k), 0.5, a.to(R.self), Int64(lda),
                    b.to(R.self), Int64(ldb), R(beta), &c, Int64(ldc))
                expectClose(
                    unstrided(c, width: n, stride: ldc),
                    referenceProduct(transposeA, transposeB, m, n, k, 0.5, a, lda, b, ldb, beta, before),
                    "gemm \(transposeA) \(transposeB) \(m) \(n) \(k)")
            }
        }
    }

    @Test(arguments: [(1, 1, 1), (1, 33, 65), (2, 7, 100), (3, 64, 63), (4, 5, 17), (5, 5, 17), (63, 65, 64), (100, 2, 31), (64, 64, 64)])
    func agrees(_ shape: (Int, Int, Int)) {
        for beta in [0.0, 1.0, -0.25] {
            check(Float.self, shape.0, shape.1, shape.2, beta: beta)
            check(Double.self, shape.0, shape.1, shape.2, beta: beta)
        }
    }

    private func checkVector<R: Real>(_ type: R.Type, _ m: Int, _ k: Int, beta: Double) {
        var random = Generator(UInt64(m * 31 + k))
        let lda = k + 5
        let a = strided(random.values(m * k), width: k, stride: lda)
        let x = random.values(k)
        let before = random.values(m)
        var y = beta == 0 ? poison(m, R.self) : before.to(R.self)
        R.gemv(Int64(m), Int64(k), a.to(R.self), Int64(lda), x.to(R.self), R(beta), &y)
        let expected = referenceProduct(false, true, m, 1, k, 1, a, lda, x, k, beta, before)
        expectClose(y, expected, "gemv \(m) \(k)")
    }

    @Test(arguments: [(1, 1), (2, 15), (3, 16), (4, 17), (5, 64), (63, 100), (100, 63)])
    func vectorAgrees(_ shape: (Int, Int)) {
        for beta in [0.0, 1.0, 0.5] {
            checkVector(Float.self, shape.0, shape.1, beta: beta)
            checkVector(Double.self, shape.0, shape.1, beta: beta)
        }
    }
}
