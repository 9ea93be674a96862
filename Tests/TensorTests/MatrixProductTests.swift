import Testing

@testable import Tensor

@Suite struct MatrixProductTests {
    @Test(arguments: [(false, false), (true, false), (false, true), (true, true)])
    func derivatives(_ transposeA: Bool, _ transposeB: Bool) throws {
        var random = RandomNumbers(11)
        for (batch, m, k, n) in [([], 3, 4, 5), ([], 1, 1, 1), ([2], 3, 2, 4), ([2, 3], 1, 3, 2)]
            as [([Int], Int, Int, Int)]
        {
            let a = random.tensor(batch + (transposeA ? [k, m] : [m, k]))
            let b = random.tensor(batch + (transposeB ? [n, k] : [k, n]))
            try GradientCheck().run([a, b]) { matmul($0[0], $0[1], transposeA: transposeA, transposeB: transposeB) }
        }
    }

    @Test(arguments: [1, 2, 4, 5, 9])
    func linearDerivatives(_ rows: Int) throws {
        var random = RandomNumbers(12)
        let (x, w, b) = (random.tensor([rows, 5]), random.tensor([3, 5]), random.tensor([3]))
        try GradientCheck().run([x, w, b]) { linear($0[0], weight: $0[1], bias: $0[2]) }
        try GradientCheck().run([x, w]) { linear($0[0], weight: $0[1]).square() }
        try GradientCheck().run([x.reshaped([rows, 1, 5]), w]) { linear($0[0], weight: $0[1]).tanh() }
        try GradientCheck().run([random.tensor([3, 3])]) { linear($0[0], weight: $0[0]) }
    }

    /// Shapes that are cut into several blocks, with and without rests, against a double loop.
    @Test(arguments: [
        [1, 700, 300], [3, 130, 257], [1030, 70, 33], [300, 300, 300], [70, 33, 2100], [513, 64, 64],
        [64, 512, 20_000],
    ])
    func blocksAgainstTheDefinition(_ sizes: [Int]) {
        let (m, k, n) = (sizes[0], sizes[1], sizes[2])
        var random = RandomNumbers(13)
        let (x, w, b) = (random.tensor([m, k]), random.tensor([n, k]), random.tensor([n]))
        let (xs, ws, bs) = (x.toArray(), w.toArray(), b.toArray())
        let y = linear(x, weight: w, bias: b).toArray()
        let z = matmul(w, x, transposeB: true).toArray()  // [n, m]
        for _ in 0..<200 {
            let (row, column) = (random.integer(below: m), random.integer(below: n))
            let expected = (0..<k).reduce(0) { $0 + xs[row * k + $1] * ws[column * k + $1] }
            #expect(abs(y[row * n + column] - expected - bs[column]) < 1e-12)
            #expect(abs(z[column * m + row] - expected) < 1e-12)
        }
    }
}
