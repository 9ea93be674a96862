/// Where the eigenvalues of a recurrence's state transition lie. With values below 0 a state can change its sign at each token, which is what
/// following a parity takes: Grazzi et al., ICLR 2025, arXiv:2411.12537.
public enum EigenvalueRange: Sendable {
    /// exp(Δ A), in [0, 1].
    case zeroToOne
    /// 2 exp(Δ A) − 1, in [−1, 1].
    case minusOneToOne

    /// What multiplies the state, for Δ A: a tensor of its shape.
    public func transition(_ exponent: Tensor) -> Tensor {
        switch self {
        case .zeroToOne: exponent.exp()
        case .minusOneToOne: 2 * exponent.exp() - 1
        }
    }
}
