internal import Kernels

/// Which keys each query row of an attention may see: two ranges for each row, the same for all sequences of a batch
/// and all heads.
public struct Visibility: Sendable {
    let rows: [zk_visibility]
    /// The number of keys, S.
    public let keyCount: Int
    /// The number of queries, T.
    public var queryCount: Int { rows.count }

    /// What each query sees, said outright.
    ///
    /// - Parameters:
    ///   - ranges: two ranges of keys for each query, of which either may be empty; the first ends before the second begins.
    ///   - keyCount: the number of keys.
    public init(_ ranges: [(Range<Int>, Range<Int>)], keyCount: Int) {
        self.keyCount = keyCount
        rows = ranges.map { first, second in
            precondition(
                first.lowerBound >= 0 && second.lowerBound >= 0 && first.upperBound <= keyCount
                    && second.upperBound <= keyCount
                    && (second.isEmpty || first.isEmpty || first.upperBound <= second.lowerBound),
                "ranges \(first) and \(second) of \(keyCount) keys")
            return zk_visibility(
                begin: (Int32(first.lowerBound), Int32(second.lowerBound)),
                end: (Int32(first.upperBound), Int32(second.upperBound)))
        }
    }

    private init(_ queryCount: Int, keyCount: Int, _ range: (Int) -> Range<Int>) {
        self.init((0..<queryCount).map { (range($0), keyCount..<keyCount) }, keyCount: keyCount)
    }

    /// Query t stands at position offset + t and sees keys 0 ... offset + t, of offset + T keys.
    public static func causal(_ queryCount: Int, offset: Int = 0) -> Visibility {
        Visibility(queryCount, keyCount: offset + queryCount) { 0..<offset + $0 + 1 }
    }

    /// As `causal`, of which only the last `window` keys, the query's own among them.
    public static func sliding(_ queryCount: Int, window: Int, offset: Int = 0) -> Visibility {
        Visibility(queryCount, keyCount: offset + queryCount) {
            Swift.max(0, offset + $0 + 1 - window)..<offset + $0 + 1
        }
    }

    /// All queries see all keys.
    public static func full(_ queryCount: Int, _ keyCount: Int) -> Visibility {
        Visibility(queryCount, keyCount: keyCount) { _ in 0..<keyCount }
    }

    /// Training of block diffusion (BD3-LM, arXiv:2503.09573): T noisy tokens followed by the same T clean ones, 2 T in
    /// all. Noisy ones see their own block, and the clean blocks before it; clean ones see clean blocks up to their own.
    public static func blockDiffusion(_ tokenCount: Int, block: Int) -> Visibility {
        let noisy = (0..<tokenCount).map { token in
            let start = token / block * block
            return (start..<min(tokenCount, start + block), tokenCount..<tokenCount + start)
        }
        let clean = (0..<tokenCount).map { token in
            (0..<0, tokenCount..<tokenCount + min(tokenCount, (token / block + 1) * block))
        }
        return Visibility(noisy + clean, keyCount: 2 * tokenCount)
    }

    /// Whether query `row` sees `key`.
    public func sees(_ row: Int, _ key: Int) -> Bool {
        let (range, key) = (rows[row], Int32(key))
        return key >= range.begin.0 && key < range.end.0 || key >= range.begin.1 && key < range.end.1
    }

    /// How many pairs of query and key see each other: what attention has to compute.
    public var pairCount: Int {
        rows.reduce(0) { $0 + Int(Swift.max(0, $1.end.0 - $1.begin.0)) + Int(Swift.max(0, $1.end.1 - $1.begin.1)) }
    }
}
