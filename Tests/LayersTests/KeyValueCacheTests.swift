import Glibc
import Layers
import SequenceModel
import Tensor
import Testing

/// The cache against attention over the whole text.
@Suite struct KeyValueCacheTests {
    static let length = 700
    static let cuts: [[Int]] = [[1], [9, 5, 7], [256], [63, 64, 65], [2, 100]]

    /// Deterministic [B, T, heads, width].
    private func values(_ seed: UInt64, rows: Int, length: Int = length, heads: Int, width: Int) -> Tensor {
        var stream = RandomKey(seed: seed).stream
        return Tensor((0 ..< rows * length * heads * width).map { _ in stream.normal() }, shape: [rows, length, heads, width])
    }

    private func part(_ x: Tensor, _ range: Range<Int>) -> Tensor { x.sliced(axis: 1, range) }

    /// Reads q, k, v through a cache in pieces of the cut sizes, over and over; returns all outputs.
    private func readInPieces(_ q: Tensor, _ k: Tensor, _ v: Tensor, _ cut: [Int], _ cache: inout KeyValueCache) throws -> Tensor {
        var parts: [Tensor] = []
        var begin = cache.length
        var piece = 0
        while begin < q.extent(1) {
            let end = min(begin + cut[piece % cut.count], q.extent(1))
            let seen = try cache.append(keys: part(k, begin ..< end), values: part(v, begin ..< end))
            parts.append(
                attention(
                    part(q, begin ..< end), keysByHead: seen.keys, valuesByHead: seen.values, visibility: seen.visibility,
                    scale: 0.5))
            begin = end
            piece += 1
        }
        return concatenate(parts, axis: 1)
    }

    private func largestDifference(_ a: Tensor, _ b: Tensor) -> Double {
        zip(a.toArray(), b.toArray()).reduce(0) { max($0, abs($1.0 - $1.1)) }
    }

    @Test(arguments: [nil, 1, 2, 8, 300] as [Int?], [1, 3]) func readingInPiecesIsReadingAtOnce(_ window: Int?, _ rows: Int) throws {
        let q = values(1, rows: rows, heads: 4, width: 4)
        let k = values(2, rows: rows, heads: 2, width: 4)
        let v = values(3, rows: rows, heads: 2, width: 6)
        let visibility = window.map { Visibility.sliding(Self.length, window: $0) } ?? .causal(Self.length)
        let whole = attention(q, k, v, visibility: visibility, scale: 0.5)
        for cut in Self.cuts {
            var cache = try KeyValueCache(
                rows: rows, heads: 2, keyWidth: 4, valueWidth: 6, window: window, scalarType: .float64)
            let pieces = try readInPieces(q, k, v, cut, &cache)
            #expect(largestDifference(pieces, whole) < 1e-12, "pieces of \(cut)")
            #expect(cache.length == Self.length)
        }
    }

    /// What a cache gives, read head by head, is what the same places give token by token, bit for bit: before, while and after the ring
    /// of a window is full.
    @Test(arguments: [nil, 8, 300] as [Int?], [1, 3]) func headByHeadIsTokenByToken(_ window: Int?, _ rows: Int) throws {
        let q = values(1, rows: rows, heads: 4, width: 4)
        let k = values(2, rows: rows, heads: 2, width: 4)
        let v = values(3, rows: rows, heads: 2, width: 6)
        for cut in [[1], [63, 64, 65], [2, 100, 1]] {
            var cache = try KeyValueCache(
                rows: rows, heads: 2, keyWidth: 4, valueWidth: 6, window: window, scalarType: .float64)
            // Token by token: the place of a position, and nothing where there was none yet.
            var places: [Int: Int] = [:]
            var piece = 0
            while cache.length < Self.length {
                let begin = cache.length
                let end = min(begin + cut[piece % cut.count], Self.length)
                piece += 1
                let seen = try cache.append(keys: part(k, begin ..< end), values: part(v, begin ..< end))
                for position in begin ..< end { places[position % seen.visibility.keyCount] = position }
                let laid = (0 ..< seen.visibility.keyCount).map { places[$0] ?? 0 }
                func gathered(_ x: Tensor) -> Tensor { concatenate(laid.map { part(x, $0 ..< $0 + 1) }, axis: 1) }
                guard end == Self.length || piece % 97 == 0 || cut.count > 1 else { continue }
                let found = attention(
                    part(q, begin ..< end), keysByHead: seen.keys, valuesByHead: seen.values, visibility: seen.visibility, scale: 0.5)
                let plain = attention(
                    part(q, begin ..< end), gathered(k), gathered(v), visibility: seen.visibility, scale: 0.5)
                #expect(found.toArray() == plain.toArray(), "at \(begin), pieces of \(cut)")
            }
        }
    }

    /// A loaded ring has places that nothing was written to; whatever memory held there must not come through.
    @Test func aLoadedRingTakesNothingFromOldMemory() throws {
        let q = values(1, rows: 1, heads: 1, width: 4)
        var cache = try KeyValueCache(rows: 1, heads: 1, keyWidth: 4, valueWidth: 4, window: 8, scalarType: .float64)
        _ = try readInPieces(part(q, 0 ..< 450), part(q, 0 ..< 450), part(q, 0 ..< 450), [64], &cache)
        let writer = StateVisitor.writer()
        try cache.visit(writer)
        var loaded = try KeyValueCache(rows: 1, heads: 1, keyWidth: 4, valueWidth: 4, window: 8, scalarType: .float64)
        // Freed memory of that size, full of ones, which are not numbers: the cache is likely to get some of it.
        let bytes = (7 + KeyValueCache.longestAppend) * 4 * 8
        let used = (0 ..< 64).compactMap { _ in aligned_alloc(64, (bytes + 63) / 64 * 64) }
        for block in used { memset(block, 0xFF, bytes) }
        for block in used { free(block) }
        try loaded.visit(StateVisitor.reader(writer.bytes))
        let expected = try readInPieces(q, q, q, [250], &cache).toArray()
        let found = try readInPieces(q, q, q, [250], &loaded).toArray()
        #expect(found == expected && found.allSatisfy { $0.isFinite })
    }

    /// A loaded cache has less room than one that grew; a text that then passes 4096 tokens must not notice.
    @Test func aLoadedCacheGoesOnWithTheSameBitsThroughALongText() throws {
        let length = 4300
        let q = values(1, rows: 1, length: length, heads: 2, width: 2)
        let k = values(2, rows: 1, length: length, heads: 1, width: 2)
        var cache = try KeyValueCache(rows: 1, heads: 1, keyWidth: 2, valueWidth: 2, scalarType: .float32)
        func float(_ x: Tensor) -> Tensor { Tensor(x.toArray(), shape: x.shape, type: .float32) }
        let (q32, k32) = (float(q), float(k))
        _ = try readInPieces(part(q32, 0 ..< 4090), part(k32, 0 ..< 4090), part(k32, 0 ..< 4090), [256], &cache)
        let writer = StateVisitor.writer()
        try cache.visit(writer)
        var loaded = try KeyValueCache(rows: 1, heads: 1, keyWidth: 2, valueWidth: 2, scalarType: .float32)
        try loaded.visit(StateVisitor.reader(writer.bytes))
        let expected = try readInPieces(q32, k32, k32, [1], &cache).toArray()
        #expect(try readInPieces(q32, k32, k32, [1], &loaded).toArray() == expected)
    }

    @Test(arguments: [nil, 8, 300] as [Int?]) func savedCopiedAndRewoundCachesGoOnAlike(_ window: Int?) throws {
        let rows = 2
        let q = values(1, rows: rows, heads: 2, width: 4)
        let k = values(2, rows: rows, heads: 1, width: 4)
        let v = values(3, rows: rows, heads: 1, width: 4)
        var cache = try KeyValueCache(rows: rows, heads: 1, keyWidth: 4, valueWidth: 4, window: window, scalarType: .float64)
        _ = try readInPieces(part(q, 0 ..< 650), part(k, 0 ..< 650), part(v, 0 ..< 650), [97], &cache)

        let writer = StateVisitor.writer()
        try cache.visit(writer)
        let counter = StateVisitor.counter()
        try cache.visit(counter)
        #expect(counter.byteCount == writer.bytes.count)
        let kept: Int = window.map { $0 - 1 } ?? 650
        let valueBytes = 8
        #expect(writer.bytes.count == 8 + rows * kept * (4 + 4) * valueBytes)

        var copy = cache
        try copy.visit(StateVisitor.copier())
        var loaded = try KeyValueCache(rows: rows, heads: 1, keyWidth: 4, valueWidth: 4, window: window, scalarType: .float64)
        let reader = StateVisitor.reader(writer.bytes)
        try loaded.visit(reader)
        try reader.finishReading()

        let expected = try readInPieces(q, k, v, [7], &cache).toArray()
        // The original has gone on: neither copy may have noticed.
        let fromCopy = try readInPieces(q, k, v, [7], &copy).toArray()
        let fromSaved = try readInPieces(q, k, v, [7], &loaded).toArray()
        #expect(fromCopy == expected && fromSaved == expected)
        let wentBack = cache.rewind(to: 650)
        #expect(wentBack)
        let afterwards = try readInPieces(q, k, v, [7], &cache).toArray()
        #expect(afterwards == expected)
    }

    @Test func anOlderValueStaysGoodForOneAppend() throws {
        let q = values(1, rows: 1, heads: 1, width: 4)
        var cache = try KeyValueCache(rows: 1, heads: 1, keyWidth: 4, valueWidth: 4, window: 8, scalarType: .float64)
        _ = try readInPieces(part(q, 0 ..< 444), part(q, 0 ..< 444), part(q, 0 ..< 444), [64], &cache)
        var discarded = cache
        try discarded.visit(StateVisitor.protector())
        _ = try readInPieces(q, q, q, [256], &discarded)
        let whole = attention(q, q, q, visibility: .sliding(Self.length, window: 8), scale: 0.5)
        let after = try readInPieces(q, q, q, [5], &cache)
        #expect(largestDifference(after, part(whole, 444 ..< Self.length)) < 1e-12)
    }

    @Test func aWindowDropsWhatItCannotGoBackTo() throws {
        let k = values(1, rows: 1, heads: 1, width: 4)
        var cache = try KeyValueCache(rows: 1, heads: 1, keyWidth: 4, valueWidth: 4, window: 8, scalarType: .float64)
        _ = try readInPieces(k, k, k, [100], &cache)
        let far = cache.rewind(to: 200)
        #expect(!far && cache.length == Self.length)
        let near = cache.rewind(to: 690)
        #expect(near && cache.length == 690)
        // What was dropped before is still gone.
        let again = cache.rewind(to: 430)
        #expect(!again)
    }

    @Test func damagedStatesAreRefused() throws {
        func fresh() throws -> KeyValueCache {
            try KeyValueCache(rows: 1, heads: 1, keyWidth: 4, valueWidth: 4, scalarType: .float32)
        }
        let huge = [UInt8](repeating: 0xFF, count: 7) + [0x7F] + [UInt8](repeating: 0, count: 100)
        for bytes in [[], [1, 2, 3], [5, 0, 0, 0, 0, 0, 0, 0], huge, [UInt8](repeating: 0xFF, count: 200)] {
            #expect(throws: SequenceModelError.self) {
                var cache = try fresh()
                try cache.visit(StateVisitor.reader(bytes))
            }
        }
    }
}
