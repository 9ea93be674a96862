public import SequenceModel

/// A model with probes.
public protocol ProbedModel: SequenceModel {
    /// In the order of the plugin; what cannot be called is there too.
    var probes: [ModelProbe] { get }
    /// What the probe gives back under the model's configuration: its written tensors in order, then its results. Throws `.internal` for
    /// what cannot be.
    func outputs(of probe: ModelProbe) throws -> [ProbeOutput]
    /// Calls the probe. `arguments` are those of the signature in order, without the tensors to be written. Throws
    /// `.invalidArgument` before the call when their number or types do not fit, and what the probe reports.
    func call(_ probe: TestedProbe, _ arguments: [ProbeArgument]) throws -> ProbeAnswer
}
