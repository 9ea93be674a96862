public import SequenceModel
public import Tensor

/// The long-term memory of Titans as a layer of its own: y = W_o (RMSNorm(read) ⊙ SiLU(W_g x)).
public struct TitansMemory: Mixer {
    /// What is read and written.
    public let memory: NeuralMemory
    private let gate: Linear
    private let norm: RMSNorm
    private let output: Linear

    /// Declares what `NeuralMemory` does, and `g_proj`, `norm` and `o_proj` under `p`.
    public init(_ p: Parameters, _ shape: NeuralMemory.Shape, initialiser: Initialiser? = nil) {
        memory = NeuralMemory(p, shape, initialiser: initialiser)
        gate = p.linear("g_proj", shape.width, shape.width, initialiser: initialiser)
        norm = p.rmsNorm("norm", shape.width)
        output = p.linear("o_proj", shape.width, shape.width, initialiser: initialiser)
    }

    /// Training form, as `Mixer`: [B, T, D] → [B, T, D] from the beginning of the text.
    public func callAsFunction(_ x: Tensor) -> Tensor { read(memory(x), x) }

    /// A state that has read nothing, for `rows` texts in step.
    public func initialState(rows: Int, scalarType: ScalarType) -> NeuralMemory.State {
        memory.initialState(rows: rows, scalarType: scalarType)
    }

    /// Serving form, as `Mixer`: [B, T, D] → [B, T, D]; the memory as it stands, O(H · M) a token for M inner weights.
    public func callAsFunction(_ x: Tensor, position: Int, _ state: inout NeuralMemory.State) -> Tensor {
        read(memory(x, position: position, &state), x)
    }

    private func read(_ o: Tensor, _ x: Tensor) -> Tensor { output(swiglu(gate(x), norm(o))) }
}
