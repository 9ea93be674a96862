internal import SequenceModel
internal import Tensor

/// Throws `.cancelled` when the host wants the work to stop. For models to call between layers: no operation looks by itself.
public func checkCancellation() throws {
    if Execution.current.isCancelled { throw SequenceModelError(.cancelled, "cancelled by the host") }
}
