import Layers
import Tensor

/// x + Mixer(RMSNorm(x)), the mixer that of Mamba or Mamba-2.
struct MambaBlock<Inner: Mixer> {
    let norm: RMSNorm
    let mixer: Inner

    /// Training: [B, T, D] → [B, T, D], from zero state.
    func callAsFunction(_ x: Tensor) throws -> Tensor { x + (try mixer(norm(x))) }

    /// The same for `x` that comes after what made `state`.
    func callAsFunction(_ x: Tensor, position: Int, _ state: inout Inner.State) throws -> Tensor {
        x + (try mixer(norm(x), position: position, &state))
    }
}
