import PluginHost

/// A kind of task: what `zoo tasks` says of it and how one is made.
public struct TaskDescription: Sendable {
    /// As it is named on the command line: `mqar`.
    public var name: String
    /// One sentence.
    public var summary: String
    /// Where it comes from, and what differs from there.
    public var paper: String
    /// In the order in which they are written.
    public var parameters: [TaskParameter]
    /// Throws `ZooError` (`.usage`) for parameters that contradict each other.
    let make: @Sendable (TaskParameters) throws -> any SequenceTask
}

/// Throws `.usage` with the name of the parameter, what it is and what is allowed.
func requireParameter(_ condition: Bool, _ task: String, _ name: String, _ value: Int, allowed: String) throws {
    guard !condition else { return }
    throw ZooError(.usage, "task \(task): \(name) is \(value); allowed: \(allowed)", hint: "zoo tasks \(task) shows its parameters")
}

/// The same for every tested length.
func requireLengths(_ lengths: [Int], _ task: String, allowed: String, _ condition: (Int) -> Bool) throws {
    for length in lengths { try requireParameter(condition(length), task, "test_lengths", length, allowed: allowed) }
}
