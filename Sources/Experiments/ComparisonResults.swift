/// `results.json`, schema 1: what a comparison found.
public struct ComparisonResults: Codable, Sendable, Equatable {
    public static let currentSchema = 1

    public var schema: Int
    /// The command that makes the same comparison again.
    public var command: String
    /// When the comparison began, ISO 8601 in UTC.
    public var started: String
    public var machine: MachineSummary
    public var budget: ComparisonBudget
    public var data: DataSummary
    /// In the order of the plan: one for each run.
    public var rows: [ResultRow]

    public init(
        command: String, started: String, machine: MachineSummary, budget: ComparisonBudget, data: DataSummary,
        rows: [ResultRow]
    ) {
        self.schema = ComparisonResults.currentSchema
        self.command = command
        self.started = started
        self.machine = machine
        self.budget = budget
        self.data = data
        self.rows = rows
    }
}
