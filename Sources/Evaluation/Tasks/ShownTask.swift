public import SequenceModel

/// A task with one literal row, for people.
public struct ShownTask: Sendable {
    /// What is shown.
    public let specification: TaskSpecification
    /// The task.
    public let task: any SequenceTask
    /// A row of the test part, of the shortest tested length.
    public let example: TaskExample

    /// Row `row` of the test part. Throws `ZooError` for a task that this version does not have.
    public init(_ specification: TaskSpecification, row: Int = 0) throws {
        self.specification = specification
        task = try specification.make()
        let length = task.testLengths.first ?? task.trainLengths.upperBound
        example = TaskRows(task, key: TaskSource.rowKey).row(row, part: .test, length: length)
    }

    /// Tokens for people, and beneath them what is asked for; nil: nothing.
    public var columns: [(token: String, answer: String?)] {
        zip(example.tokens, example.targets).map { token, target in (task.text(token), target < 0 ? nil : task.text(target)) }
    }

    /// What can be said in numbers: `Symbols: 2. Chance: 50 %. Learned at lengths 3 to 40, tested at 40, 64.`
    public var facts: String {
        let lengths = task.trainLengths
        let learned = lengths.count == 1 ? "length \(lengths.lowerBound)" : "lengths \(lengths.lowerBound) to \(lengths.upperBound)"
        let rows = task.trainingRows == 0 ? "every row new" : "\(task.trainingRows) rows again and again"
        let chance = (task.chance * 1000).rounded() / 10
        return "\(task.vocabulary) symbols; chance \(chance < 0.1 ? "under 0.1" : "\(chance)") %; learned at \(learned), \(rows); "
            + "tested at \(task.testLengths.map(String.init).joined(separator: ", ")), \(task.testRows) rows each"
    }

    /// The row, the answers beneath the symbols after which they are asked for, in lines of at most `width` characters, and the facts.
    public func text(width: Int) -> String {
        var lines: [String] = []
        var (upper, lower) = ("reads  ", "asked  ")
        for (token, answer) in columns {
            let count = max(token.count, answer?.count ?? 0)
            if upper.count + count > width, upper.count > 7 {
                lines += [upper, lower, ""]
                (upper, lower) = ("reads  ", "asked  ")
            }
            upper += token + String(repeating: " ", count: count - token.count + 1)
            let answer = answer ?? ""
            lower += answer + String(repeating: " ", count: count - answer.count + 1)
        }
        lines += [upper, lower, "", facts, ""]
        return lines.map { line in
            let end = line.lastIndex { $0 != " " }.map(line.index(after:)) ?? line.startIndex
            return String(line[..<end])
        }.joined(separator: "\n")
    }

    /// The same as JSON.
    public var json: JSONObject {
        get throws {
            func numbers(_ values: [Int32]) -> JSONValue { .array(values.map { .integer(Int64($0)) }) }
            return [
                "specification": .string(specification.text), "values": .object(try specification.json),
                "vocabulary": .integer(Int64(task.vocabulary)), "chance": .number(task.chance),
                "train_lengths": .array([.integer(Int64(task.trainLengths.lowerBound)), .integer(Int64(task.trainLengths.upperBound))]),
                "test_lengths": .array(task.testLengths.map { .integer(Int64($0)) }),
                "example": .object([
                    "tokens": numbers(example.tokens), "targets": numbers(example.targets),
                    "read": .array(columns.map { .string($0.token) }),
                    "asked": .array(columns.map { $0.answer.map { .string($0) } ?? .null }),
                ]),
            ]
        }
    }
}
