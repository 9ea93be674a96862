/// `results.json`, schema 1: what a comparison found.
public struct ComparisonResults: Codable, Sendable, Equatable {
    /// Version of `results.json` that this program writes.
    public static let currentSchema = 1

    /// Version of the file that it was read from.
    public var schema: Int
    /// The command that makes the same comparison again.
    public var command: String
    /// When the comparison began, ISO 8601 in UTC.
    public var started: String
    /// Where the runs were made: speeds hold there and nowhere else.
    public var machine: MachineSummary
    /// What every model was given, whatever it made of it.
    public var budget: ComparisonBudget
    /// The text that all of them learned from and were scored on.
    public var data: DataSummary
    /// What each model did at each point of the tuning grid; empty without one.
    public var tuning: [TuningRow]
    /// Figures of papers that the rows are to give again; empty unless an experiment file names some.
    public var published: [PublishedFigure]
    /// In the order of the plan: one for each run.
    public var rows: [ResultRow]

    /// Of schema `currentSchema`; `rows` in the order of the plan.
    public init(
        command: String, started: String, machine: MachineSummary, budget: ComparisonBudget, data: DataSummary,
        tuning: [TuningRow] = [], rows: [ResultRow], published: [PublishedFigure] = []
    ) {
        self.schema = ComparisonResults.currentSchema
        self.command = command
        self.started = started
        self.machine = machine
        self.budget = budget
        self.data = data
        self.tuning = tuning
        self.published = published
        self.rows = rows
    }

    /// Results from before there was tuning, or anything published, have none.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        schema = try container.decode(Int.self, forKey: .schema)
        command = try container.decode(String.self, forKey: .command)
        started = try container.decode(String.self, forKey: .started)
        machine = try container.decode(MachineSummary.self, forKey: .machine)
        budget = try container.decode(ComparisonBudget.self, forKey: .budget)
        data = try container.decode(DataSummary.self, forKey: .data)
        tuning = try container.decodeIfPresent([TuningRow].self, forKey: .tuning) ?? []
        published = try container.decodeIfPresent([PublishedFigure].self, forKey: .published) ?? []
        rows = try container.decode([ResultRow].self, forKey: .rows)
    }
}
