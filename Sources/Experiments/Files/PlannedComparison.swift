/// A comparison of an experiment, sized and laid out.
public struct PlannedComparison: Sendable {
    /// Names its folder.
    public var name: String
    /// What it will do.
    public var plan: ComparisonPlan

    /// `name` is unique in its experiment.
    public init(name: String, plan: ComparisonPlan) {
        self.name = name
        self.plan = plan
    }
}
