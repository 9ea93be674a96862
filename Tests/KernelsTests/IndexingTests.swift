import Glibc
import Kernels
import Testing

@Suite struct IndexingTests {
    private func checkRows<R: Real>(_ type: R.Type, _ width: Int) {
        var random = Generator(UInt64(width))
        let table = random.values(4 * width)
        let index: [Int32] = [3, 0, 3, -1, 4, 1]
        var y = poison(index.count * width, R.self)
        R.gatherRows(Int64(index.count), Int64(width), table.to(R.self), 4, index, &y)
        func row(_ r: Int) -> [Double] {
            (0 ..< 4).contains(index[r]) ? Array(table[Int(index[r]) * width ..< Int(index[r] + 1) * width])
                : [Double](repeating: 0, count: width)
        }
        expectClose(y, index.indices.flatMap(row), "gather_rows", tolerance: 0)

        let dy = random.values(index.count * width)
        var dtable = strided(table, width: width, stride: width + 2).to(R.self)
        R.scatterRows(
            Int64(index.count), Int64(width), strided(dy, width: width, stride: width + 1).to(R.self), Int64(width + 1), 4,
            index, &dtable, Int64(width + 2))
        var expected = table
        for (r, i) in index.enumerated() where (0 ..< 4).contains(i) {
            for c in 0 ..< width { expected[Int(i) * width + c] += dy[r * width + c] }
        }
        expectClose(unstrided(dtable, width: width, stride: width + 2), expected, "scatter_rows")
    }

    @Test(arguments: [1, 15, 16, 33]) func rows(_ width: Int) {
        checkRows(Float.self, width)
        checkRows(Double.self, width)
    }

    /// Rotates each pair by angle = position * frequency.
    private func rotaryReference(
        _ x: [Double], heads: Int, width: Int, pairs: Int, interleaved: Bool, direction: Double, position: [Int32]
    ) -> [Double] {
        var y = x
        for (r, p) in position.enumerated() {
            for h in 0 ..< heads {
                let base = (r * heads + h) * width
                for j in 0 ..< pairs {
                    let angle = direction * Double(p) * angleStep(j)
                    let (first, second) = interleaved ? (base + 2 * j, base + 2 * j + 1) : (base + j, base + j + pairs)
                    y[first] = x[first] * cos(angle) - x[second] * sin(angle)
                    y[second] = x[second] * cos(angle) + x[first] * sin(angle)
                }
            }
        }
        return y
    }

    private func angleStep(_ pair: Int) -> Double { pow(10000, -Double(pair) / 16) }

    private func checkRotary<R: Real>(_ type: R.Type, _ heads: Int, _ width: Int, _ pairs: Int) {
        let position: [Int32] = [0, 5, 2, 9]
        let rows = position.count
        var random = Generator(UInt64(width))
        let x = random.values(rows * heads * width)
        let angles = (0 ..< 10 * pairs).map { Double($0 / pairs) * angleStep($0 % pairs) }
        let cosine = angles.map { cos($0) }.to(R.self)
        let sine = angles.map { sin($0) }.to(R.self)
        let xStride = heads * width + 3
        let yStride = heads * width + 1
        for interleaved in [false, true] {
            for direction in [1.0, -1.0] {
                let expected = rotaryReference(
                    x, heads: heads, width: width, pairs: pairs, interleaved: interleaved, direction: direction,
                    position: position)
                var y = poison(rows * yStride, R.self)
                R.rotary(
                    Int64(rows), Int64(heads), Int64(width), Int64(pairs), interleaved ? 1 : 0, Int32(direction), position,
                    cosine, sine, strided(x, width: heads * width, stride: xStride).to(R.self), Int64(xStride), &y,
                    Int64(yStride))
                expectClose(unstrided(y, width: heads * width, stride: yStride), expected, "rotary")
                var inPlace = x.to(R.self)
                inPlace.withUnsafeMutableBufferPointer { p in
                    guard let base = p.baseAddress else { return }
                    R.rotary(
                        Int64(rows), Int64(heads), Int64(width), Int64(pairs), interleaved ? 1 : 0, Int32(direction), position,
                        cosine, sine, base, Int64(heads * width), base, Int64(heads * width))
                }
                expectClose(inPlace, expected, "rotary in place")
            }
        }
    }

    @Test func rotary() {
        for (heads, width, pairs) in [(1, 2, 1), (2, 64, 32), (3, 10, 5), (2, 20, 4), (1, 34, 17)] {
            checkRotary(Float.self, heads, width, pairs)
            checkRotary(Double.self, heads, width, pairs)
        }
    }
}
