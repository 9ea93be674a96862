/// What the numbers of a tensor are: chosen at run time, so that a whole model can run in double precision to check
/// its gradients.
public enum ScalarType: Sendable {
    /// IEEE 754 numbers of 4 and of 8 bytes.
    case float32, float64

    /// Bytes of one number.
    public var byteCount: Int { self == .float32 ? 4 : 8 }
}
