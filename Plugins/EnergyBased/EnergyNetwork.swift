import Layers
import SequenceModel
import Tensor

/// The energy E_t(x₀ … x_t, p_t) of a context and a distribution over the symbol that follows it.
///
/// Two streams go through the same blocks. The context, [step; x₀ … x_{T−1}], attends causally and knows nothing of the candidates, so
/// it is computed once for each step's embedding and kept. Candidate t, Σ_v p_t[v] · vocab_to_embed[v], sees the step, x₀ … x_t and itself.
struct EnergyNetwork {
    let embedding: Embedding
    let layers: [EnergyLayer]
    private let mixture: Linear
    private let stepEmbedding: Parameter
    private let norm: RMSNorm
    private let final: Linear
    let width: Int

    init<Setting>(_ c: EnergyConfiguration<Setting>, _ p: Parameters) {
        width = c.width
        // PyTorch's default for embeddings.
        embedding = p.embedding("embeddings", c.vocabularySize, c.width, initialiser: .normal(1))
        mixture = p.linear("vocab_to_embed", c.vocabularySize, c.width, initialiser: .xavier(c.vocabularySize, c.width))
        let transformer = p.scope("transformer")
        stepEmbedding = transformer.parameter(
            "time_embeddings.weight", shape: [c.stepEmbeddings, c.width], initialiser: .normal(1))
        // Positions of the candidates and the context are in the same table.
        let rotary = RotaryEmbedding(pairs: c.width / c.headCount / 2, isInterleaved: true)
        layers = transformer.layers("layers", c.layerCount) { p, _ in EnergyLayer(c, p, rotary) }
        norm = transformer.rmsNorm("norm", c.width, epsilon: c.normEpsilon)
        // Small, so that the first steps do not go far; not zero: then the energy would not depend on the candidate, and only this layer
        // would learn.
        final = transformer.linear("final_layer", c.width, 1, initialiser: .normal(0.02))
    }

    var scalarType: ScalarType { embedding.weight.tensor.scalarType }
    var embeddedSteps: Int { stepEmbedding.shape[0] }

    /// Which embedding step `step` has: those beyond the last use the last.
    func embedded(_ step: Int) -> Int { min(step, embeddedSteps - 1) }

    /// What stands before the text, for each of `steps` and B = `rows` rows: [steps · B, 1, D].
    func beginnings(of steps: Range<Int>, rows: Int) -> Tensor {
        let chosen = steps.flatMap { [Int32](repeating: Int32($0), count: rows) }
        return stepEmbedding.tensor.gatherRows(chosen).reshaped([steps.count * rows, 1, width])
    }

    /// Keys and values of the context [step; tokens] in each layer, for each of `steps` one behind the other: [steps · B, T + 1, H, K].
    func context(_ tokens: Tokens, steps: Range<Int>) throws -> [ContextMemory] {
        let text = embedding(tokens)  // [B, T, D]
        let texts = steps.count == 1 ? text : concatenate(steps.map { _ in text }, axis: 0)
        var x = concatenate([beginnings(of: steps, rows: tokens.rows), texts], axis: 1)  // [steps · B, T + 1, D]
        let visibility = Visibility.causal(tokens.length + 1)
        var memories: [ContextMemory] = []
        for (index, layer) in layers.enumerated() {
            try checkCancellation()
            let (norm, keys, values) = layer.context(x, from: 0)
            memories.append(ContextMemory(keys: keys, values: values, isByHead: false))
            // Of the last layer nobody reads more than keys and values.
            guard index < layers.count - 1 else { break }
            x = layer.advance(x, norm, from: 0) { q in
                attention(q, keys, values, visibility: visibility, scale: layer.scale)
            }
        }
        return memories
    }

    /// E [B, T] of candidates `p` [B, T, V] for the symbols after places `position`, `position` + 1, … of the text.
    func energies(_ p: Tensor, at position: Int, _ context: [ContextMemory]) throws -> Tensor {
        var x = mixture(p)  // [B, T, D]
        for (layer, memory) in zip(layers, context) {
            try checkCancellation()
            // The step's embedding stands at 0, so the symbol after place t would stand at t + 2.
            x = layer.candidates(x, from: position + 2, memory, visible: position + 2)
        }
        return final(norm(x)).reshaped([p.shape[0], p.shape[1]])
    }
}
