import Layers
import SequenceModel
import Tensor

/// A layer of a `DeltaNet`: of linear attention (the delta rule) or of full attention.
enum DeltaBlock {
    case linear(LinearAttentionBlock)
    case full(FullAttentionBlock)

    /// Sizes and first values of either.
    struct Shape {
        var linear: GatedDeltaNet.Shape
        var first: GatedDeltaNet.FirstDecays
        var heads: Int
        var keyValueHeads: Int
        var attentionBias: Bool
        /// F
        var intermediate: Int
        /// ε of the norms in the residual stream.
        var epsilon: Double
        var initialiser: Initialiser
    }

    /// What a layer remembers.
    enum State {
        case linear(GatedDeltaNet.State)
        case full(KeyValueCache)
        /// Taken out while a layer works on it.
        case taken

        /// Takes the content out, so that nobody else holds its memory and it can be written in place.
        mutating func take() -> State {
            var content = State.taken
            swap(&content, &self)
            return content
        }

        mutating func visit(_ visitor: StateVisitor) throws {
            switch self {
            case .linear(var state):
                try state.visit(visitor)
                self = .linear(state)
            case .full(var cache):
                try cache.visit(visitor)
                self = .full(cache)
            case .taken: break
            }
        }
    }

    func initialState(rows: Int, _ type: ScalarType) throws -> State {
        switch self {
        case .linear(let block): .linear(block.mixer.initialState(rows: rows, scalarType: type))
        case .full(let block): .full(try block.attention.makeCache(rows: rows, scalarType: type))
        }
    }

    /// [B, T, D] → [B, T, D], from the beginning of the text.
    func callAsFunction(_ x: Tensor) -> Tensor {
        switch self {
        case .linear(let block): block(x)
        case .full(let block): block(x)
        }
    }

    /// The same after what `state` holds.
    func callAsFunction(_ x: Tensor, position: Int, _ state: inout State) throws -> Tensor {
        switch self {
        case .linear(let block):
            guard case .linear(var inner) = state.take() else { break }
            let y = block(x, position: position, &inner)
            state = .linear(inner)
            return y
        case .full(let block):
            guard case .full(var cache) = state.take() else { break }
            let y = try block(x, &cache)
            state = .full(cache)
            return y
        }
        throw SequenceModelError(.internal, "a state of another kind of layer")
    }
}
