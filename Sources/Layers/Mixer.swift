public import Tensor

/// What carries information from one token to later ones: attention, a scan, a convolution, a memory. One sublayer of a block, without
/// its norm and residual, so that a model can put any of them side by side.
///
/// The two forms agree to rounding: reading a text in pieces, each with the state that the last one left, gives what reading it at
/// once gives. Row t of the output depends on rows 0 … t of the input alone.
public protocol Mixer {
    /// What it remembers of what it has read.
    associatedtype State: ModelState

    /// Training: [B, T, D] → [B, T, D], from the beginning of the text. Recorded for gradients.
    func callAsFunction(_ x: Tensor) throws -> Tensor

    /// A state that has read nothing, for B = `rows` texts in step. Throws `.resourceExhausted` when there is no memory.
    func initialState(rows: Int, scalarType: ScalarType) throws -> State

    /// Serving: [B, T, D] → [B, T, D] for what comes after the tokens in `state`, which then has these too. `position` is the number
    /// of tokens read before. Throws `.resourceExhausted` when there is no memory.
    func callAsFunction(_ x: Tensor, position: Int, _ state: inout State) throws -> Tensor
}
