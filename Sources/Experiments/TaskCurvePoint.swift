/// Accuracy at one validation of a run on a task.
public struct TaskCurvePoint: Codable, Sendable, Equatable {
    /// Steps done.
    public var step: Int
    /// On rows that training never sees, at the lengths of training.
    public var accuracy: Double

    /// See the properties.
    public init(step: Int, accuracy: Double) {
        self.step = step
        self.accuracy = accuracy
    }
}
