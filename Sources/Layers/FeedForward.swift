public import SequenceModel
public import Tensor

/// W_down (SiLU(W_gate x) ⊙ W_up x). Source: Shazeer, arXiv:2002.05202 (SwiGLU).
///
/// 3 · D · F values without biases.
public struct FeedForward {
    /// [F, D]
    public let gate: Linear
    /// [F, D]
    public let up: Linear
    /// [D, F]
    public let down: Linear

    /// Declares `gate_proj`, `up_proj` and `down_proj` under `p`.
    public init(
        _ p: Parameters, width: Int, hidden: Int, bias: Bool = false, initialiser: Initialiser? = nil,
        outputInitialiser: Initialiser? = nil
    ) {
        gate = p.linear("gate_proj", width, hidden, bias: bias, initialiser: initialiser)
        up = p.linear("up_proj", width, hidden, bias: bias, initialiser: initialiser)
        down = p.linear("down_proj", hidden, width, bias: bias, initialiser: outputInitialiser ?? initialiser)
    }

    /// [..., D] → [..., D]
    public func callAsFunction(_ x: Tensor) -> Tensor { down(swiglu(gate(x), up(x))) }
}
