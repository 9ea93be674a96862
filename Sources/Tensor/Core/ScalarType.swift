/// What the numbers of a tensor are: chosen at run time, so that a whole model can run in double precision to check
/// its gradients.
public enum ScalarType: Sendable {
    case float32, float64

    /// Bytes of one number.
    public var byteCount: Int { self == .float32 ? 4 : 8 }

    /// The Swift type; passing it to a generic function opens it, which is how operations choose their kernels.
    var real: any Real.Type { self == .float32 ? Float.self : Double.self }
}
