/// What a comparison will do, fixed before the first run begins: `plan.json`.
public struct ComparisonPlan: Codable, Sendable, Equatable {
    public static let currentSchema = 1

    public var schema: Int
    public var command: String
    /// ISO 8601, UTC.
    public var started: String
    public var machine: MachineSummary
    public var budget: ComparisonBudget
    public var data: DataSummary
    public var runs: [JobSpecification]

    public init(
        command: String, started: String, machine: MachineSummary, budget: ComparisonBudget, data: DataSummary,
        runs: [JobSpecification]
    ) {
        self.schema = ComparisonPlan.currentSchema
        self.command = command
        self.started = started
        self.machine = machine
        self.budget = budget
        self.data = data
        self.runs = runs
    }

    /// `results.json` with these rows.
    public func results(_ rows: [ResultRow]) -> ComparisonResults {
        ComparisonResults(command: command, started: started, machine: machine, budget: budget, data: data, rows: rows)
    }
}
