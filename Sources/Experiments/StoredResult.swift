/// `result.json` in the folder of a run: the row and what it is the result of.
public struct StoredResult: Codable, Sendable, Equatable {
    /// `JobSpecification.hash()`.
    public var hash: String
    public var row: ResultRow

    public init(hash: String, row: ResultRow) {
        self.hash = hash
        self.row = row
    }
}
