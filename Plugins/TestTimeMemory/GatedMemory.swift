import Layers
import SequenceModel
import Tensor

/// Memory as a gate (MAG): o = W_o (RMSNorm(attention(x)) ⊙ σ(RMSNorm(memory(x)))), the norms with weights; without memory, no gate.
struct GatedMemory: Mixer {
    let attention: WindowAttention
    let attentionNorm: RMSNorm
    let memory: (core: NeuralMemory, norm: RMSNorm)?
    let output: Linear

    struct State: ModelState {
        var attention: WindowAttention.State
        var memory: NeuralMemory.State?

        mutating func visit(_ visitor: StateVisitor) throws {
            try attention.visit(visitor)
            try memory?.visit(visitor)
        }
    }

    init(_ p: Parameters, _ shape: TitansShape) {
        attention = WindowAttention(p.scope("attention"), shape)
        attentionNorm = p.rmsNorm("attention_norm", shape.width, epsilon: shape.epsilon)
        memory =
            shape.hasMemory
            ? (
                NeuralMemory(p.scope("memory"), shape.memory, initialiser: shape.initialiser),
                p.rmsNorm("memory_norm", shape.width, epsilon: shape.epsilon)
            ) : nil
        output = p.linear("o_proj", shape.width, shape.width, initialiser: shape.initialiser)
    }

    func callAsFunction(_ x: Tensor) -> Tensor { combine(attention(x), memory.map { $0.norm($0.core(x)) }) }

    func initialState(rows: Int, scalarType: ScalarType) -> State {
        State(
            attention: attention.initialState(rows: rows, scalarType: scalarType),
            memory: memory?.core.initialState(rows: rows, scalarType: scalarType))
    }

    func callAsFunction(_ x: Tensor, position: Int, _ state: inout State) -> Tensor {
        let seen = attention(x, position: position, &state.attention)
        guard let memory, var inner = state.memory else { return combine(seen, nil) }
        state.memory = nil  // so that it can be written in place
        let read = memory.norm(memory.core(x, position: position, &inner))
        state.memory = inner
        return combine(seen, read)
    }

    private func combine(_ seen: Tensor, _ read: Tensor?) -> Tensor {
        let normed = attentionNorm(seen)
        return output(read.map { normed * $0.sigmoid() } ?? normed)
    }
}
