public import SequenceModel

/// A value that a probe is given.
public enum ProbeArgument {
    case integer(Int64)
    case number(Double)
    /// Memory stays the caller's.
    case tensor(TensorView)
    case batch(Batch)

    /// The letter of a signature that it fits.
    var letter: ProbeSignature.Argument {
        switch self {
        case .integer: .integer
        case .number: .number
        case .tensor: .tensor
        case .batch: .batch
        }
    }
}
