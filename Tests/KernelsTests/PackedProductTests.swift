import Kernels
import Testing

/// The kernels of packed products for one real type.
private struct PackedProduct<R: Real> {
    let panels: (Int64) -> Int64
    let size: (Int64, Int64) -> Int64
    let workspace: (Int64, Int64) -> Int64
    let pack: (Int32, Int64, Int64, R.In, Int64, Int64, Int64, R.Out) -> Void
    let multiply: (Int32, Int64, Int64, Int64, R.In, Int64, R.In, Int32, R.Out, Int64, R.Out?) -> Void

    /// Runs `body` with `count` numbers on a 64-byte boundary, not-a-numbers at first, and checks that nothing behind them
    /// was written.
    private func withAligned(_ count: Int, _ body: (R.Out) -> Void) {
        let stride = MemoryLayout<R>.stride
        let memory = UnsafeMutableRawPointer.allocate(byteCount: (count + 16) * stride, alignment: 64)
        defer { memory.deallocate() }
        let numbers = memory.bindMemory(to: R.self, capacity: count + 16)
        numbers.initialize(repeating: .nan, count: count + 16)
        body(numbers)
        #expect((count..<count + 16).allSatisfy { numbers[$0].isNaN }, "wrote behind \(count) numbers")
    }

    /// C in as many calls as `parts` has counts of rows, B packed in two pieces.
    func run(
        _ transposeA: Bool, _ transposeB: Bool, _ parts: [Int], _ n: Int, _ k: Int, _ a: [R], _ lda: Int, _ b: [R],
        _ ldb: Int, adding: Bool, _ c: inout [R], _ ldc: Int
    ) {
        let (columns, inner) = (Int64(n), Int64(k))
        let panels = panels(columns)
        withAligned(Int(size(columns, inner))) { packed in
            for (first, last) in [(0, panels / 2), (panels / 2, panels)] where first < last {
                pack(transposeB ? 1 : 0, columns, inner, b, Int64(ldb), first, last, packed)
            }
            var row = 0
            for rows in parts {
                withAligned(Int(workspace(Int64(rows), inner))) { workspace in
                    a.withUnsafeBufferPointer { a in
                        c.withUnsafeMutableBufferPointer { c in
                            guard let a = a.baseAddress, let c = c.baseAddress else { return }
                            multiply(
                                transposeA ? 1 : 0, Int64(rows), columns, inner, a + (transposeA ? row : row * lda),
                                Int64(lda), packed, adding ? 1 : 0, c + row * ldc, Int64(ldc), workspace)
                        }
                    }
                }
                row += rows
            }
        }
    }
}

/// op(A) B, with B packed first, against sums in double precision. Where the processor has no such kernel nothing calls it.
@Suite(.enabled(if: zk_packed_product_rows_f32() > 0)) struct PackedProductTests {
    private func check<R: Real>(_ product: PackedProduct<R>, _ m: Int, _ n: Int, _ k: Int) {
        for (transposeA, transposeB) in [(false, false), (false, true), (true, false), (true, true)] {
            var random = Generator(UInt64(m * 10007 + n * 101 + k))
            let (lda, ldb, ldc) = ((transposeA ? m : k) + 3, (transposeB ? k : n) + 1, n + 2)
            let a = strided(random.values(m * k), width: transposeA ? m : k, stride: lda)
            let b = strided(random.values(n * k), width: transposeB ? k : n, stride: ldb)
            let before = random.values(m * n)
            for adding in [false, true] {
                let start = adding ? strided(before, width: n, stride: ldc).to(R.self) : poison(m * ldc, R.self)
                var expected: [Double] = []
                for i in 0..<m {
                    for j in 0..<n {
                        var sum = adding ? before[i * n + j] : 0
                        for p in 0..<k {
                            sum += a[transposeA ? p * lda + i : i * lda + p] * b[transposeB ? j * ldb + p : p * ldb + j]
                        }
                        expected.append(sum)
                    }
                }
                var whole = start
                product.run(
                    transposeA, transposeB, [m], n, k, a.to(R.self), lda, b.to(R.self), ldb, adding: adding, &whole, ldc)
                expectClose(
                    unstrided(whole, width: n, stride: ldc), expected,
                    "product \(transposeA) \(transposeB) \(m) \(n) \(k) \(adding)")

                // The same bits, however the rows are dealt out.
                var inParts = start
                let parts = [m / 3, m / 2, m - m / 3 - m / 2].filter { $0 > 0 }
                product.run(
                    transposeA, transposeB, parts, n, k, a.to(R.self), lda, b.to(R.self), ldb, adding: adding, &inParts,
                    ldc)
                let same = zip(inParts, whole).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }
                #expect(same, "in parts of \(parts) rows")
            }
        }
    }

    @Test(arguments: [
        (1, 1, 1), (1, 16, 8), (2, 63, 65), (5, 17, 100), (6, 16, 192), (7, 15, 193), (12, 32, 9), (63, 64, 65),
        (64, 65, 200), (65, 100, 63), (100, 33, 385),
    ])
    func agrees(_ shape: (Int, Int, Int)) {
        let single = PackedProduct<Float>(
            panels: zk_packed_product_panels_f32, size: zk_packed_product_size_f32,
            workspace: zk_packed_product_workspace_f32, pack: zk_packed_product_pack_f32, multiply: zk_packed_product_f32)
        let double = PackedProduct<Double>(
            panels: zk_packed_product_panels_f64, size: zk_packed_product_size_f64,
            workspace: zk_packed_product_workspace_f64, pack: zk_packed_product_pack_f64, multiply: zk_packed_product_f64)
        check(single, shape.0, shape.1, shape.2)
        check(double, shape.0, shape.1, shape.2)
    }
}
