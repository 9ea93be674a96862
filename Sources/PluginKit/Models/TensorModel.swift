public import Layers
public import SequenceModel
public import Tensor

/// An architecture made of tensors: the base of everything that the kit exports. An architecture that predicts the next symbol conforms to
/// `CausalModel` and gets all of this for a trunk and a head; another one says here what its loss and its scores are.
///
/// The kit validates every batch against `shape`, binds parameters, sets up threads and memory, and turns what is thrown
/// into statuses. A model is used by one thread at a time, always inside of an execution.
public protocol TensorModel: AnyObject {
    /// Its settings.
    associatedtype Configuration: ModelConfiguration

    /// What it says of itself.
    static var card: ModelCard { get }
    /// What its scores are; `.exact` unless it says otherwise.
    static var likelihood: Likelihood { get }
    /// What it can do.
    static var capabilities: Capabilities { get }
    /// Whether each row of a batch counts for itself alone. The kit then computes as many rows at a time as suits the
    /// memory. False where rows share random numbers, as in low-discrepancy sampling.
    static var rowsAreIndependent: Bool { get }
    /// What can be looked at inside it; none unless it says otherwise.
    static var probes: [Probe<Self>] { get }

    /// Makes the layers and declares their parameters on `p`. Allocates no parameter memory. `configuration` was validated.
    init(_ configuration: Configuration, _ p: Parameters) throws

    /// What it works on.
    var shape: ModelShape { get }

    /// Scalar: the sum over targets of weight × nats, recorded for differentiation (for a bound: its unbiased estimate under
    /// `batch.key`). `batch.weights` is never nil.
    func loss(_ batch: Batch) throws -> Tensor
    /// Nats of each target [B, T]. Not recorded. `samples`: evaluations for a bound, 0 for the model's own choice.
    func score(_ batch: Batch, samples: Int) throws -> Score
    /// Logits [B, T, V] of one evaluation on the batch as it is. Not recorded.
    func logits(_ batch: Batch) throws -> Tensor
    /// The most likely symbol at each position with a target. Not recorded.
    func predict(_ batch: Batch) throws -> Prediction

    /// A session over `rows` rows that have read nothing, for models with the capability `.session`.
    func openSession(rows: Int, scalarType: ScalarType) throws -> any SessionCore
    /// Generates by refinement, for models with the capability `.generates`. Throws `.cancelled` when `sink` returns false.
    func generate(_ request: GenerationRequest, sink: (GenerationEvent) -> Bool) throws

    /// After each optimizer step, counted from 1: the one place where parameters may be written.
    func postUpdate(step: Int) throws
    /// After values were bound or changed: time to drop what was derived from them.
    func parametersChanged()
}

extension TensorModel {
    /// Nats of a normalised likelihood.
    public static var likelihood: Likelihood { .exact }
    /// Each row counts for itself.
    public static var rowsAreIndependent: Bool { true }
    /// Nothing to look at.
    public static var probes: [Probe<Self>] { [] }

    /// Throws `.unimplemented`.
    public func openSession(rows: Int, scalarType: ScalarType) throws -> any SessionCore {
        throw SequenceModelError(.unimplemented, "\(Self.card.id) has no sessions")
    }
    /// Throws `.unimplemented`.
    public func generate(_ request: GenerationRequest, sink: (GenerationEvent) -> Bool) throws {
        throw SequenceModelError(.unimplemented, "\(Self.card.id) generates through its sessions")
    }
    /// Throws `.unimplemented`.
    public func predict(_ batch: Batch) throws -> Prediction {
        throw SequenceModelError(.unimplemented, "\(Self.card.id) does not predict")
    }
    /// Does nothing.
    public func postUpdate(step: Int) throws {}
    /// Does nothing.
    public func parametersChanged() {}
}
