public import SequenceModel

/// Rows of symbols that a model reads: [B, T].
public struct Tokens: Sendable {
    /// B
    public var rows: Int
    /// T
    public var length: Int
    /// [B, T], row after row.
    public var ids: [Int32]

    /// `ids`: [B, T]; rows · length of them.
    public init(rows: Int, length: Int, ids: [Int32]) {
        precondition(ids.count == rows * length, "Tokens: \(ids.count) ids for \(rows) × \(length)")
        self.rows = rows
        self.length = length
        self.ids = ids
    }

    /// The tokens of a batch.
    public init(_ batch: Batch) { self.init(rows: batch.rows, length: batch.length, ids: batch.tokens) }

    /// B · T
    public var count: Int { ids.count }

    /// Positions `range` of every row: [B, range.count].
    public func columns(_ range: Range<Int>) -> Tokens {
        if range == 0 ..< length { return self }
        var part: [Int32] = []
        part.reserveCapacity(rows * range.count)
        for row in 0 ..< rows { part += ids[row * length + range.lowerBound ..< row * length + range.upperBound] }
        return Tokens(rows: rows, length: range.count, ids: part)
    }
}
