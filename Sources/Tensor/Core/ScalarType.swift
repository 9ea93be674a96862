/// What the numbers of a tensor are: chosen at run time, so that a whole model can run in double precision to check
/// its gradients.
public enum ScalarType: Sendable {
    case float32, float64

    /// Bytes of one number.
    public var byteCount: Int { self == .float32 ? 4 : 8 }
}
