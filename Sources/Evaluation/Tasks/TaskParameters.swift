/// What every parameter of a task is, defaults filled in and ranges checked.
public struct TaskParameters: Sendable, Equatable {
    /// By name; one number unless the parameter is a list.
    public internal(set) var values: [String: [Int]]

    /// The number of that name; 0 for a name that the task does not declare, which its tests would show.
    subscript(_ name: String) -> Int { values[name]?.first ?? 0 }

    /// The numbers of that name.
    func list(_ name: String) -> [Int] { values[name] ?? [] }
}
