import Testing

@testable import Tensor

/// Attention to keys that lie head by head, and attention of a single query, whose work is cut differently.
@Suite struct AttentionByHeadTests {
    struct Shape: CustomTestStringConvertible {
        var queries: Int, keys: Int
        var rows = 2, heads = 4, keyHeads = 2, keyWidth = 8, valueWidth = 12

        var testDescription: String { "\(rows) × \(queries) × \(keys), \(heads) of \(keyHeads) heads, \(keyWidth) + \(valueWidth)" }
        var places: [(String, Visibility)] {
            let all = Visibility(
                (0..<queries).map { (0..<Swift.max(0, keys - queries + $0 + 1), keys..<keys) }, keyCount: keys)
            let window = Visibility(
                (0..<queries).map { (Swift.max(0, keys - queries + $0 - 6)..<keys - queries + $0 + 1, keys..<keys) }, keyCount: keys)
            // The text has gone around the ring: what is newest lies first, and some places are free.
            let ring = Visibility(
                (0..<queries).map { (0..<keys / 3 + $0 % 2, keys / 2 + $0 % 2..<keys) }, keyCount: keys)
            return [("all", all), ("window", window), ("ring", ring)]
        }

        func tensors(_ type: ScalarType) -> (q: Tensor, k: Tensor, v: Tensor) {
            var random = RandomNumbers(queries * 1009 + keys * 31 + heads)
            return (
                random.tensor([rows, queries, heads, keyWidth], in: -2...2, type),
                random.tensor([rows, keys, keyHeads, keyWidth], in: -2...2, type),
                random.tensor([rows, keys, keyHeads, valueWidth], type)
            )
        }
    }

    static let shapes: [Shape] =
        [(1, 1), (1, 2), (1, 65), (2, 63), (4, 100), (5, 64), (63, 70), (100, 130)].map { Shape(queries: $0.0, keys: $0.1) }
        + [
            Shape(queries: 1, keys: 100, rows: 1, heads: 1, keyHeads: 1, keyWidth: 64, valueWidth: 64),
            Shape(queries: 1, keys: 300, rows: 3, heads: 3, keyHeads: 1, keyWidth: 3, valueWidth: 5),
            Shape(queries: 1, keys: 129, rows: 1, heads: 70, keyHeads: 1, keyWidth: 16, valueWidth: 1),
            Shape(queries: 1, keys: 80, rows: 2, heads: 12, keyHeads: 2, keyWidth: 20, valueWidth: 70),
            // More than two stretches.
            Shape(queries: 1, keys: 9000, rows: 2, heads: 2, keyHeads: 1, keyWidth: 5, valueWidth: 3),
            Shape(queries: 1, keys: 4097, rows: 1, heads: 5, keyHeads: 1, keyWidth: 4, valueWidth: 4),
        ]

    private func byHead(_ x: Tensor) -> Tensor { x.transposed([0, 2, 1, 3]) }  // [B, S, G, K] → [B, G, S, K]

    @Test(arguments: shapes) func givesTheBitsOfTokenByToken(_ shape: Shape) throws {
        for type in [ScalarType.float32, .float64] {
            try Execution(poisonsFreshMemory: true).run {
                let (q, k, v) = shape.tensors(type)
                for (name, visibility) in shape.places {
                    let plain = attention(q, k, v, visibility: visibility, scale: 0.5)
                    let found = attention(
                        q, keysByHead: byHead(k), valuesByHead: byHead(v), visibility: visibility, scale: 0.5)
                    #expect(found.shape == plain.shape && found.toArray() == plain.toArray(), "\(name), \(type)")
                }
            }
        }
    }

    /// Sums of up to 9000 terms of size 1 in another order.
    @Test(arguments: shapes) func agreesWithTheReference(_ shape: Shape) throws {
        for (type, bound) in [(ScalarType.float32, 3e-6), (.float64, 1e-14)] {
            try Execution(poisonsFreshMemory: true).run {
                let (q, k, v) = shape.tensors(type)
                for (name, visibility) in shape.places {
                    let (q64, k64, v64) = shape.tensors(.float64)
                    let exact = type == .float64
                        ? [q64, k64, v64] : [q, k, v].map { Tensor($0.toArray(), shape: $0.shape, type: .float64) }
                    let expected = Reference.attention(exact[0], exact[1], exact[2], visibility: visibility, scale: 0.5)
                    let found = attention(
                        q, keysByHead: byHead(k), valuesByHead: byHead(v), visibility: visibility, scale: 0.5)
                    let worst = zip(found.toArray(), expected.toArray()).reduce(0) { Swift.max($0, abs($1.0 - $1.1)) }
                    #expect(worst <= bound, "\(name), \(type)")
                }
            }
        }
    }

    /// Threads decide who computes a stretch, not where it is cut; nor do places behind the last that is seen.
    @Test func theBitsDependOnWhatIsSeenAlone() throws {
        let shape = Shape(queries: 1, keys: 9000, rows: 2, heads: 4, keyHeads: 2, keyWidth: 16, valueWidth: 24)
        func result(_ execution: Execution, places: Int) throws -> [Double] {
            try execution.run {
                let (q, k, v) = shape.tensors(.float32)
                let visibility = Visibility([(0..<7000, places..<places)], keyCount: places)
                return attention(
                    q, keysByHead: byHead(k).sliced(axis: 2, 0..<places), valuesByHead: byHead(v).sliced(axis: 2, 0..<places),
                    visibility: visibility, scale: 0.5
                ).toArray()
            }
        }
        let expected = try result(Execution(), places: 9000)
        #expect(Set(expected).count > 100)
        #expect(try result(Execution(), places: 7000) == expected)
        for threads in [2, 3, 7] {
            let host = HostThreads(threads)
            let found = try withExtendedLifetime(host) {
                try result(host.execution(poisonsFreshMemory: true), places: 9000)
            }
            #expect(found == expected, "\(threads) threads")
        }
    }

    /// A query that sees nothing gives zeros, however long the text is.
    @Test func aBlindQueryGivesZeros() throws {
        for ranges in [(0..<0, 0..<0), (8000..<8000, 9000..<9000)] {
            let shape = Shape(queries: 1, keys: 9000)
            let (q, k, v) = shape.tensors(.float32)
            let found = attention(
                q, keysByHead: byHead(k), valuesByHead: byHead(v), visibility: Visibility([ranges], keyCount: 9000), scale: 0.5)
            #expect(found.toArray().allSatisfy { $0 == 0 })
        }
    }

    /// The way back after a single query whose text was cut: the merged log-sum-exp must be that of the whole.
    @Test func gradientsOfALongTextAreTheReferences() {
        let shape = Shape(queries: 1, keys: 5000, rows: 1, heads: 2, keyHeads: 1, keyWidth: 3, valueWidth: 2)
        let (q, k, v) = shape.tensors(.float64)
        let visibility = Visibility.full(1, 5000)
        func gradients(_ apply: ([Tensor]) -> Tensor) -> [[Double]] {
            let memory = [q, k, v].map { Tensor.full($0.shape, 0, .float64) }
            let leaves = zip([q, k, v], memory).map { value, memory in
                let leaf = Tensor(value.toArray(), shape: value.shape, type: .float64)
                leaf.node = Node(gradientMemory: memory)
                return leaf
            }
            let y = apply(leaves)
            backward(y, seed: Tensor((0..<y.count).map { Double($0 % 5) - 1.5 }, shape: y.shape, type: .float64))
            return memory.map { $0.toArray() }
        }
        let found = gradients { attention($0[0], $0[1], $0[2], visibility: visibility, scale: 0.5) }
        let expected = gradients { Reference.attention($0[0], $0[1], $0[2], visibility: visibility, scale: 0.5) }
        for (found, expected) in zip(found, expected) {
            let largest = expected.reduce(0) { Swift.max($0, abs($1)) }
            #expect(largest > 0)
            #expect(zip(found, expected).allSatisfy { abs($0 - $1) <= 1e-12 * largest })
        }
    }
}
