/// One number, or list of numbers, that a task may be given.
public struct TaskParameter: Sendable, Equatable {
    /// As it is written: `pairs`.
    public var name: String
    /// One sentence without a full stop.
    public var summary: String
    /// What it is when nobody says; one number unless `isList`.
    public var defaultValues: [Int]
    /// Of each number.
    public var allowed: ClosedRange<Int>
    /// Whether it takes several numbers: `64/128/256`.
    public var isList: Bool

    init(_ name: String, _ value: Int, _ allowed: ClosedRange<Int>, _ summary: String) {
        self.name = name
        self.summary = summary
        defaultValues = [value]
        self.allowed = allowed
        isList = false
    }

    init(_ name: String, list: [Int], _ allowed: ClosedRange<Int>, _ summary: String) {
        self.name = name
        self.summary = summary
        defaultValues = list
        self.allowed = allowed
        isList = true
    }

    /// Numbers as they are written: `64/128`.
    public static func text(_ values: [Int]) -> String { values.map(String.init).joined(separator: "/") }

    /// Longest row that a task makes.
    static let longest = 1 << 20

    /// What tasks of one training length share: `length`, `test_lengths`, `examples` and `test_examples`.
    static func shared(
        length: Int, tests: [Int], least: Int, examples: Int = 0, testExamples: Int = 512, unit: String = "symbols"
    ) -> [TaskParameter] {
        [
            TaskParameter("length", length, least ... longest, "\(unit) in a training row"),
            Self.tests(tests, least: least, unit: unit), Self.examples(examples), Self.testExamples(testExamples),
        ]
    }

    static func tests(_ lengths: [Int], least: Int, unit: String = "symbols") -> TaskParameter {
        TaskParameter("test_lengths", list: lengths, least ... longest, "\(unit) in the rows that are tested")
    }

    static func examples(_ count: Int) -> TaskParameter {
        TaskParameter("examples", count, 0 ... 1 << 30, "rows of the training set; 0: each row is new")
    }

    static func testExamples(_ count: Int = 512) -> TaskParameter {
        TaskParameter("test_examples", count, 1 ... 1 << 20, "rows that are tested at each length")
    }

    static func everywhere(_ value: Int) -> TaskParameter {
        TaskParameter("loss_everywhere", value, 0 ... 1, "1: training asks for every next symbol, 0: for the answers alone")
    }
}
