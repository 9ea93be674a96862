import CSequenceModel

/// Rows of symbols for `sm_batch`.
struct RawBatch {
    var rows: Int
    var length: Int
    var tokens: [Int32]
    /// nil: null in the struct.
    var targets: [Int32]?
    var weights: [Float]?
    var key: (UInt64, UInt64) = (1, 2)

    var count: Int { rows * length }

    /// Positions that have a target.
    var targetCount: Int { targets?.count { $0 >= 0 } ?? 0 }

    /// The struct, valid during `body`.
    func withStruct<Result>(_ body: (UnsafePointer<sm_batch>) throws -> Result) rethrows -> Result {
        try tokens.withUnsafeBufferPointer { tokens in
            try RawBatch.withPointer(targets) { targets in
                try RawBatch.withPointer(weights) { weights in
                    var batch = sm_batch()
                    batch.struct_size = UInt32(MemoryLayout<sm_batch>.size)
                    batch.rows = UInt32(rows)
                    batch.length = UInt64(length)
                    batch.tokens = tokens.baseAddress
                    batch.targets = targets
                    batch.weights = weights
                    batch.key = sm_key(words: key)
                    return try body(&batch)
                }
            }
        }
    }

    private static func withPointer<Element, Result>(
        _ array: [Element]?, _ body: (UnsafePointer<Element>?) throws -> Result
    ) rethrows -> Result {
        guard let array else { return try body(nil) }
        return try array.withUnsafeBufferPointer { try body($0.baseAddress) }
    }

    /// Row `row` alone.
    func row(_ row: Int) -> RawBatch {
        let range = row * length ..< (row + 1) * length
        return RawBatch(
            rows: 1, length: length, tokens: Array(tokens[range]), targets: targets.map { Array($0[range]) },
            weights: weights.map { Array($0[range]) }, key: key)
    }
}
