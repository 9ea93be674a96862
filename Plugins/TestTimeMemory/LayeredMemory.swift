import Layers
import SequenceModel
import Tensor

/// Memory as a layer (MAL): y = x + memory(x);  o = W_o attention(RMSNorm(y)). Without memory, y = x.
struct LayeredMemory: Mixer {
    let memory: TitansMemory?
    let norm: RMSNorm
    let attention: WindowAttention
    let output: Linear

    typealias State = GatedMemory.State

    init(_ p: Parameters, _ shape: TitansShape) {
        memory =
            shape.hasMemory ? TitansMemory(p.scope("memory"), shape.memory, initialiser: shape.initialiser) : nil
        norm = p.rmsNorm("attention_norm", shape.width, epsilon: shape.epsilon)
        attention = WindowAttention(p.scope("attention"), shape)
        output = p.linear("o_proj", shape.width, shape.width, initialiser: shape.initialiser)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        output(attention(norm(memory.map { x + $0(x) } ?? x)))
    }

    func initialState(rows: Int, scalarType: ScalarType) -> State {
        State(
            attention: attention.initialState(rows: rows, scalarType: scalarType),
            memory: memory?.initialState(rows: rows, scalarType: scalarType))
    }

    func callAsFunction(_ x: Tensor, position: Int, _ state: inout State) -> Tensor {
        var y = x
        if let memory, var inner = state.memory {
            state.memory = nil  // so that it can be written in place
            y = x + memory(x, position: position, &inner)
            state.memory = inner
        }
        return output(attention(norm(y), position: position, &state.attention))
    }
}
