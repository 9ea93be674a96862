public import SequenceModel
public import Tensor

/// Something to look at inside a model, declared beside its card; hosts measure it over a text and show it, without having heard of it:
///
///     static let probes: [Probe<Mine>] = [
///         Probe("gate_opening", "Mean of the gates.", axes: [.counted("layer") { $0.blocks.count }], unit: "",
///               test: .init({ MineConfiguration(hiddenSize: 8) }, expected: [0.51, 0.49])) { model, batch in … }
///     ]
///
/// A model has at most 16.
public struct Probe<Model: TensorModel>: Sendable {
    /// `[a-z0-9_-]+`.
    public let name: String
    /// One sentence.
    public let summary: String
    /// The dimensions of what it gives back; none for a single number.
    public let axes: [ProbeAxis<Model>]
    /// Of the values, "nats"; may be empty.
    public let unit: String
    /// How the values of several batches become one.
    public let combination: ProbeCombination
    /// What it must give on a small model.
    public let test: ProbeTest<Model>
    let measure: @Sendable (Model, Batch) throws -> Tensor

    /// - Parameters:
    ///   - test: run by hosts in a process of its own before they call the probe.
    ///   - measure: the values for a batch, of the shape that `axes` say. Not recorded; should call `checkCancellation` between layers.
    ///     `batch` is as for `score`, its targets may be missing.
    public init(
        _ name: String, _ summary: String, axes: [ProbeAxis<Model>], unit: String, combination: ProbeCombination = .mean,
        test: ProbeTest<Model>, measure: @escaping @Sendable (Model, Batch) throws -> Tensor
    ) {
        self.name = name
        self.summary = summary
        self.axes = axes
        self.unit = unit
        self.combination = combination
        self.test = test
        self.measure = measure
    }
}
