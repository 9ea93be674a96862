import SequenceModel
import Testing

@Suite struct RandomTests {
    /// Saved runs name seeds: what follows from a seed never changes.
    @Test func valuesAreFixedForEver() {
        let key = RandomKey(seed: 42)
        var stream = key.stream
        let drawn = (0 ..< 4).map { _ in stream.next() }
        #expect(
            drawn
                == [
                    0xC4FA_84DA_4959_D9E9, 0x06D0_A6B8_0021_1562,
                    0x6D1F_0F91_6177_370A, 0x38E2_4129_0A74_A6EB,
                ])
        let child = key.split("embedding.weight")
        #expect(child == RandomKey(0x522C_4316_6718_2E29, 0x51A0_F7A0_CE59_59B0))
        #expect(key.split(7) == RandomKey(0xAD93_A5A5_5C0D_DE5C, 0x9CB1_469E_3D2E_9DEF))
    }

    @Test func splitsDoNotDependOnOrderAndDiffer() {
        let key = RandomKey(seed: 1)
        _ = key.split("a")
        #expect(key.split("b") == RandomKey(seed: 1).split("b"))
        var seen: Set<RandomKey> = [key]
        for index in 0 ..< 10_000 { seen.insert(key.split(UInt64(index))) }
        for seed in 2 ..< 10_000 { seen.insert(RandomKey(seed: UInt64(seed))) }
        #expect(seen.count == 1 + 10_000 + 9_998)
        #expect(key.split(1).split(2) != key.split(2).split(1))
        #expect(key.split("ab") != key.split("ba"))
    }

    /// Bounds are five standard deviations of the estimate.
    @Test func uniformAndNormalHaveTheirMoments() {
        var stream = RandomKey(seed: 3).stream
        let count = 200_000
        let uniform = (0 ..< count).map { _ in stream.uniform() }
        #expect(uniform.allSatisfy { $0 >= 0 && $0 < 1 })
        let n = Double(count)
        #expect(abs(uniform.reduce(0, +) / n - 0.5) < 5 * (1.0 / 12 / n).squareRoot())
        let normal = (0 ..< count).map { _ in stream.normal() }
        let mean = normal.reduce(0, +) / n
        let variance = normal.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
        let fourth = normal.reduce(0) { $0 + $1 * $1 * $1 * $1 } / n
        #expect(abs(mean) < 5 / n.squareRoot())
        #expect(abs(variance - 1) < 5 * (2 / n).squareRoot())
        #expect(abs(fourth - 3) < 5 * (96 / n).squareRoot())
        #expect(normal.allSatisfy { $0.isFinite })
    }

    @Test func indicesAreInRangeAndEven() {
        var stream = RandomKey(seed: 4).stream
        var counts = [Int](repeating: 0, count: 7)
        for _ in 0 ..< 70_000 { counts[stream.index(below: 7)] += 1 }
        // Five standard deviations of a binomial count.
        #expect(counts.allSatisfy { abs(Double($0) - 10_000) < 5 * (10_000 * 6.0 / 7).squareRoot() })
        #expect((0 ..< 100).allSatisfy { _ in stream.index(below: 1) == 0 })
    }
}
