import Kernels
import Testing

/// op(A) B, with B packed first, against sums in double precision. Where the processor has another way, nothing calls it.
@Suite(.enabled(if: zk_packed_product_applies() != 0)) struct PackedProductTests {
    private static let boundary = 64

    /// Runs `body` with `count` floats on a 64-byte boundary, not-a-numbers at first, and checks that nothing behind them
    /// was written.
    private func withAligned<Result>(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Result) -> Result {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: (count + 16) * 4, alignment: Self.boundary)
        defer { memory.deallocate() }
        let floats = memory.bindMemory(to: Float.self, capacity: count + 16)
        floats.initialize(repeating: .nan, count: count + 16)
        let result = body(floats)
        #expect((count..<count + 16).allSatisfy { floats[$0].isNaN }, "wrote behind \(count) numbers")
        return result
    }

    /// C in as many calls as `parts` has counts of rows, B packed in two pieces.
    private func product(
        _ transposeA: Bool, _ transposeB: Bool, _ parts: [Int], _ n: Int, _ k: Int, _ a: [Float], _ lda: Int,
        _ b: [Float], _ ldb: Int, adding: Bool, _ c: inout [Float], _ ldc: Int
    ) {
        let (columns, inner) = (Int64(n), Int64(k))
        let panels = zk_packed_product_panels(columns)
        withAligned(Int(zk_packed_product_size(columns, inner))) { packed in
            for (first, last) in [(0, panels / 2), (panels / 2, panels)] where first < last {
                zk_packed_product_pack(transposeB ? 1 : 0, columns, inner, b, Int64(ldb), first, last, packed)
            }
            var row = 0
            for rows in parts {
                withAligned(Int(zk_packed_product_workspace(Int64(rows), inner))) { workspace in
                    a.withUnsafeBufferPointer { a in
                        c.withUnsafeMutableBufferPointer { c in
                            guard let a = a.baseAddress, let c = c.baseAddress else { return }
                            zk_packed_product(
                                transposeA ? 1 : 0, Int64(rows), columns, inner, a + (transposeA ? row : row * lda),
                                Int64(lda), packed, adding ? 1 : 0, c + row * ldc, Int64(ldc), workspace)
                        }
                    }
                }
                row += rows
            }
        }
    }

    @Test(arguments: [
        (1, 1, 1), (1, 16, 8), (2, 63, 65), (5, 17, 100), (6, 16, 192), (7, 15, 193), (63, 64, 65), (64, 65, 200),
        (65, 100, 63), (100, 33, 385), (12, 8, 9),
    ])
    func agrees(_ shape: (Int, Int, Int)) {
        let (m, n, k) = shape
        for (transposeA, transposeB) in [(false, false), (false, true), (true, false), (true, true)] {
            var random = Generator(UInt64(m * 10007 + n * 101 + k))
            let (lda, ldb, ldc) = ((transposeA ? m : k) + 3, (transposeB ? k : n) + 1, n + 2)
            let a = strided(random.values(m * k), width: transposeA ? m : k, stride: lda)
            let b = strided(random.values(n * k), width: transposeB ? k : n, stride: ldb)
            let before = random.values(m * n)
            for adding in [false, true] {
                let start = adding ? strided(before, width: n, stride: ldc).to(Float.self) : poison(m * ldc, Float.self)
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
                product(
                    transposeA, transposeB, [m], n, k, a.to(Float.self), lda, b.to(Float.self), ldb, adding: adding,
                    &whole, ldc)
                expectClose(
                    unstrided(whole, width: n, stride: ldc), expected,
                    "product \(transposeA) \(transposeB) \(m) \(n) \(k) \(adding)")

                // The same bits, however the rows are dealt out.
                var inParts = start
                let parts = [m / 3, m / 2, m - m / 3 - m / 2].filter { $0 > 0 }
                product(
                    transposeA, transposeB, parts, n, k, a.to(Float.self), lda, b.to(Float.self), ldb, adding: adding,
                    &inParts, ldc)
                #expect(inParts.map(\.bitPattern) == whole.map(\.bitPattern), "in parts of \(parts) rows")
            }
        }
    }
}
