/// What a comparison will do, fixed before the first run begins: `plan.json`.
public struct ComparisonPlan: Codable, Sendable, Equatable {
    /// Version of `plan.json` that this program writes.
    public static let currentSchema = 1

    /// Version of the file that it was read from.
    public var schema: Int
    /// The command that makes the same comparison again, its `--out` included.
    public var command: String
    /// ISO 8601, UTC.
    public var started: String
    /// Where it began: a later call is refused on a machine that differs in more than the size of its memory.
    public var machine: MachineSummary
    /// What every model is given; runs derive their training options from it.
    public var budget: ComparisonBudget
    /// The text, by its hash: a run refuses any other.
    public var data: DataSummary
    /// Runs that choose each model's training options, model by model; empty without a tuning grid.
    public var tuning: [JobSpecification]
    /// Figures of papers that it is to give again; empty unless an experiment file names some.
    public var published: [PublishedFigure]
    /// Runs that give the results. Where there is tuning, what it chose goes over their training options.
    public var runs: [JobSpecification]

    /// Of schema `currentSchema`; `started` is ISO 8601 in UTC.
    public init(
        command: String, started: String, machine: MachineSummary, budget: ComparisonBudget, data: DataSummary,
        tuning: [JobSpecification] = [], runs: [JobSpecification], published: [PublishedFigure] = []
    ) {
        self.schema = ComparisonPlan.currentSchema
        self.command = command
        self.started = started
        self.machine = machine
        self.budget = budget
        self.data = data
        self.tuning = tuning
        self.published = published
        self.runs = runs
    }

    /// Plans from before there was tuning, or anything published, have none.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        schema = try container.decode(Int.self, forKey: .schema)
        command = try container.decode(String.self, forKey: .command)
        started = try container.decode(String.self, forKey: .started)
        machine = try container.decode(MachineSummary.self, forKey: .machine)
        budget = try container.decode(ComparisonBudget.self, forKey: .budget)
        data = try container.decode(DataSummary.self, forKey: .data)
        tuning = try container.decodeIfPresent([JobSpecification].self, forKey: .tuning) ?? []
        published = try container.decodeIfPresent([PublishedFigure].self, forKey: .published) ?? []
        runs = try container.decode([JobSpecification].self, forKey: .runs)
    }

    /// `results.json` with these rows.
    public func results(_ rows: [ResultRow], tuning: [TuningRow] = []) -> ComparisonResults {
        ComparisonResults(
            command: command, started: started, machine: machine, budget: budget, data: data, tuning: tuning, rows: rows,
            published: published)
    }
}
