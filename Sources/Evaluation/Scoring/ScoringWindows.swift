import SequenceModel

/// How a slice of bytes is cut so that every byte but the very first is predicted exactly once.
///
/// Window k holds bytes k·T ... k·T + T of the slice: its first byte is context alone (and was predicted as the last byte of
/// window k − 1), the T that follow are predicted, each from the bytes of its own window before it. The last window may be
/// shorter. Models with targets in place get the same T + 1 bytes, so both kinds predict the same
/// symbols given the same first one.
struct ScoringWindows {
    let bytes: ArraySlice<UInt8>
    /// T, predicted bytes in a full window.
    let context: Int
    let inPlace: Bool

    /// Bytes that are predicted.
    var scored: Int { max(bytes.count - 1, 0) }
    /// Number of windows, the last one included.
    var count: Int { (scored + context - 1) / context }

    /// Predicted bytes of window `index`.
    func predicted(in index: Int) -> Int { min(context, scored - index * context) }

    /// The windows in groups of at most `rows` that have the same length.
    func groups(of rows: Int) -> [Range<Int>] {
        let full = scored / context
        var groups = stride(from: 0, to: full, by: rows).map { $0 ..< min($0 + rows, full) }
        if full < count { groups.append(full ..< count) }
        return groups
    }

    /// The batch of a group: [B, T], or [B, T + 1] when targets are in place.
    func batch(_ group: Range<Int>, key: RandomKey) -> Batch {
        let predicted = predicted(in: group.lowerBound)
        let length = inPlace ? predicted + 1 : predicted
        var tokens: [Int32] = []
        var targets: [Int32] = []
        tokens.reserveCapacity(group.count * length)
        targets.reserveCapacity(group.count * length)
        for index in group {
            let begin = bytes.startIndex + index * context
            tokens += bytes[begin ..< begin + length].lazy.map(Int32.init)
            if inPlace { targets.append(-1) }
            targets += bytes[begin + 1 ..< begin + 1 + predicted].lazy.map(Int32.init)
        }
        return Batch(rows: group.count, length: length, tokens: tokens, targets: targets, key: key)
    }
}
