import CSequenceModel
import SequenceModel

extension Batch {
    /// Runs `body` with the batch as the C ABI has it: pointers into the arrays, no copy. Throws `.invalidArgument`
    /// when the sizes do not agree, since a plugin would read past the end; whether the symbols are in range is for
    /// the plugin to say.
    func withForeign<Result>(_ body: (UnsafePointer<sm_batch>) throws -> Result) throws -> Result {
        let (count, overflow) = rows.multipliedReportingOverflow(by: length)
        guard rows > 0, length > 0, !overflow, let rows = UInt32(exactly: rows) else {
            throw SequenceModelError(.invalidArgument, "batch is \(self.rows) × \(length); both must be at least 1")
        }
        func check(_ got: Int, _ what: String) throws {
            guard got == count else {
                throw SequenceModelError(.invalidArgument, "batch of \(rows) × \(length) has \(got) \(what)")
            }
        }
        try check(tokens.count, "tokens")
        if !targets.isEmpty { try check(targets.count, "targets") }
        if let weights { try check(weights.count, "weights") }
        var foreign = sm_batch()
        foreign.struct_size = UInt32(MemoryLayout<sm_batch>.size)
        foreign.rows = rows
        foreign.length = UInt64(length)
        foreign.key = sm_key(key)
        return try tokens.withUnsafeBufferPointer { tokens in
            try targets.withUnsafeBufferPointer { targets in
                try (weights ?? []).withUnsafeBufferPointer { weights in
                    foreign.tokens = tokens.baseAddress
                    foreign.targets = targets.isEmpty ? nil : targets.baseAddress
                    foreign.weights = weights.isEmpty ? nil : weights.baseAddress
                    return try withUnsafePointer(to: &foreign, body)
                }
            }
        }
    }
}

extension sm_key {
    init(_ key: RandomKey) {
        let (first, second) = key.words
        self.init(words: (first, second))
    }
}
