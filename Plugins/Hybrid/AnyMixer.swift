import Layers
import SequenceModel
import Tensor

/// A mixer of any kind, its state any state.
struct AnyMixer {
    private let whole: (Tensor) throws -> Tensor
    private let start: (_ rows: Int, _ type: ScalarType) throws -> any ModelState
    private let next: (_ x: Tensor, _ position: Int, _ state: inout any ModelState) throws -> Tensor

    init<M: Mixer>(_ mixer: M) {
        whole = { try mixer($0) }
        start = { try mixer.initialState(rows: $0, scalarType: $1) }
        next = { x, position, state in
            guard var own = state as? M.State else {
                throw SequenceModelError(.internal, "a state of \(type(of: state)) for a mixer of \(M.self)")
            }
            // Held once only, the mixer may write into what it remembers.
            state = NoState()
            defer { state = own }
            return try mixer(x, position: position, &own)
        }
    }

    /// [B, T, D] → [B, T, D], from the beginning of the text.
    func callAsFunction(_ x: Tensor) throws -> Tensor { try whole(x) }

    /// The same for what comes after the tokens in `state`.
    func callAsFunction(_ x: Tensor, position: Int, _ state: inout any ModelState) throws -> Tensor {
        try next(x, position, &state)
    }

    /// A state that has read nothing.
    func initialState(rows: Int, scalarType: ScalarType) throws -> any ModelState { try start(rows, scalarType) }

    private struct NoState: ModelState {
        mutating func visit(_ visitor: StateVisitor) throws {}
    }
}
