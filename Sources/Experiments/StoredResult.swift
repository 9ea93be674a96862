/// `result.json` in the folder of a run: the row and what it is the result of.
public struct StoredResult: Codable, Sendable, Equatable {
    /// `JobSpecification.hash()`.
    public var hash: String
    /// Every figure of the run; of `partial.json` those that were measured so far.
    public var row: ResultRow

    /// `row` answers for no job with another hash.
    public init(hash: String, row: ResultRow) {
        self.hash = hash
        self.row = row
    }
}
