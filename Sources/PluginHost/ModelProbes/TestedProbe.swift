/// A probe whose self-test has passed in a process of its own. Nothing else is called here: a declaration that does not fit
/// its function would overwrite memory. `ProbeTester` makes it.
public struct TestedProbe: Sendable {
    /// The one that passed; only through this type can it be called.
    public let probe: ModelProbe

    init(_ probe: ModelProbe) { self.probe = probe }
}
