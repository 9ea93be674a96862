public import SequenceModel

/// Draws the rows of a task: which ones follows from the key alone, and a row of one part is in no other.
public struct TaskRows: Sendable {
    /// The task.
    public let task: any SequenceTask
    private let key: RandomKey
    /// Draws for one row before it is taken as it is. Where a length has so few rows that a part has none of its own, parts share them.
    private static let attempts = 4096

    /// Rows of `task` that follow from `key`.
    public init(_ task: any SequenceTask, key: RandomKey) {
        self.task = task
        self.key = key
    }

    /// Row `index` of a part.
    public func row(_ index: Int, part: TaskPart, length: Int) -> TaskExample {
        let own = key.split(part.rawValue).split(UInt64(length)).split(UInt64(index))
        var stream = own.stream
        var example = task.example(length: length, part: part, index: index, stream: &stream)
        guard !task.isDivided else { return example }
        var attempt = 1
        while attempt < TaskRows.attempts, TaskPart(fingerprint: example.fingerprint) != part {
            example = task.example(length: length, part: part, index: index, stream: &stream)
            attempt += 1
        }
        return example
    }

    /// Rows `range` of a part.
    public func rows(_ range: Range<Int>, part: TaskPart, length: Int) -> [TaskExample] {
        range.map { row($0, part: part, length: length) }
    }
}
