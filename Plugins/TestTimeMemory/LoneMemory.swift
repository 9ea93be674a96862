import Layers
import SequenceModel
import Tensor

/// The memory alone (LMM). Without it nothing is left: zeros.
struct LoneMemory: Mixer {
    let memory: TitansMemory?

    struct State: ModelState {
        var memory: NeuralMemory.State?

        mutating func visit(_ visitor: StateVisitor) throws { try memory?.visit(visitor) }
    }

    init(_ p: Parameters, _ shape: TitansShape) {
        memory =
            shape.hasMemory ? TitansMemory(p.scope("memory"), shape.memory, initialiser: shape.initialiser) : nil
    }

    func callAsFunction(_ x: Tensor) -> Tensor { memory?(x) ?? .zeros(x.shape, x.scalarType) }

    func initialState(rows: Int, scalarType: ScalarType) -> State {
        State(memory: memory?.initialState(rows: rows, scalarType: scalarType))
    }

    func callAsFunction(_ x: Tensor, position: Int, _ state: inout State) -> Tensor {
        guard let memory, var inner = state.memory else { return .zeros(x.shape, x.scalarType) }
        state.memory = nil  // so that it can be written in place
        let y = memory(x, position: position, &inner)
        state.memory = inner
        return y
    }
}
