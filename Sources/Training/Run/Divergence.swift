/// Training came to a number that is not finite. Thrown before the update, so that the parameters are those of the step before.
public struct Divergence: Error, Sendable, Equatable, CustomStringConvertible {
    /// The step that could not be made, counted from 1.
    public var step: Int
    /// What is not finite: "the loss is nan", "the gradient of layers.0.weight is not finite".
    public var detail: String

    /// "diverged at step 12: the loss is nan"
    public var description: String { "diverged at step \(step): \(detail)" }
}
