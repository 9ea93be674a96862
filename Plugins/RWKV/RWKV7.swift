// Paper: RWKV-7 "Goose" with Expressive Dynamic State Evolution, Peng et al. 2025, arXiv:2503.14456; equations 3 to 23.
// Update: S_t = S_{t−1} diag(w_t) − (S_{t−1} κ_t)(κ_t ⊙ a_t)ᵀ + v_t k_tᵀ;  o_t = S_t r_t, with w, κ, a, k, v, r read from the input.
// Checked against: BlinkDL/RWKV-LM@524481d, RWKV-v7 (logits and all gradients, in double and in single precision).
// Deviations: none in the equations; L2Wrap, which adds to the gradient but not to the loss, is left out.

import Layers
import PluginKit
import SequenceModel
import Tensor

final class RWKV7: SteppingModel {
    static let capabilities: Capabilities = [.causal, .session, .predicts, .fixedState]
    static let card = ModelCard(
        id: "rwkv7", name: "RWKV-7", family: "rwkv",
        summary: "A matrix of memory for each head, rewritten by a delta rule whose decay, removal key and rate follow the input.",
        paper: "RWKV-7 \"Goose\" with Expressive Dynamic State Evolution (arXiv:2503.14456)")
    static let probes: [Probe<RWKV7>] = [
        Probe(
            "decay", "w of the delta rule, mean over channels and tokens, between 0.545 and 1: near 1 where a layer remembers long.",
            axes: [.counted("layer") { $0.blocks.count }], unit: "", test: .init({ .small }, expected: [0.7314321, 0.7325882])
        ) { model, batch in try model.decays(Tokens(batch)) }
    ]

    let embedding: Embedding
    let normIn: LayerNorm
    let blocks: [RWKV7Block]
    let norm: LayerNorm
    let head: Linear

    init(_ c: RWKV7Configuration, _ p: Parameters) throws {
        let (symbols, width) = (c.vocabularySize, c.hiddenSize)
        embedding = p.embedding("emb", symbols, width, initialiser: .uniform(from: -1e-4, to: 1e-4))
        normIn = p.layerNorm("blocks.0.ln0", width, epsilon: c.normEpsilon)
        blocks = p.layers("blocks", c.layerCount) { p, index in RWKV7Block(c, p, index) }
        norm = p.layerNorm("ln_out", width, epsilon: c.normEpsilon)
        head = Linear(
            weight: p.scope("head").orthogonal(
                "weight", rows: symbols, columns: width, gain: 0.5 * max(1, Double(symbols) / Double(width)).squareRoot()))
    }

    func trunk(_ tokens: Tokens) throws -> Tensor {
        var x = normIn(embedding(tokens))  // [B, T, D]
        var firstValue: Tensor?
        for block in blocks {
            try checkCancellation()
            x = block(x, firstValue: &firstValue)
        }
        return norm(x)
    }

    /// The mean of w in each layer: [L].
    func decays(_ tokens: Tokens) throws -> Tensor {
        var x = normIn(embedding(tokens))  // [B, T, D]
        var firstValue: Tensor?
        var means: [Tensor] = []
        for block in blocks {
            try checkCancellation()
            means.append(block.timeMixing.decay(block.normBeforeTime(x)).mean().reshaped([1]))
            x = block(x, firstValue: &firstValue)
        }
        return concatenate(means, axis: 0)
    }

    func initialState(rows: Int, scalarType: ScalarType) -> RWKV7State {
        RWKV7State(layers: blocks.map { $0.initialState(rows: rows, scalarType) })
    }

    func trunk(_ tokens: Tokens, position: Int, _ state: inout RWKV7State) throws -> Tensor {
        var x = normIn(embedding(tokens))  // [B, T, D]
        var firstValue: Tensor?
        for (index, block) in blocks.enumerated() {
            try checkCancellation()
            x = block(x, firstValue: &firstValue, position: position, &state.layers[index])
        }
        return norm(x)
    }
}
