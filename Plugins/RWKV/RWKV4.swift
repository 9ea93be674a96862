// Paper: RWKV: Reinventing RNNs for the Transformer Era, Peng et al. 2023, arXiv:2305.13048; equations 11 to 18.
// Update: a_t = e^w a_{t−1} + e^{k_t} v_t, b_t = e^w b_{t−1} + e^{k_t};  wkv_t = (a_{t−1} + e^{u+k_t} v_t) / (b_{t−1} + e^{u+k_t}).
// Checked against: transformers 5.23.0 `RwkvForCausalLM` (logits and all gradients).
// Deviations: none in the equations; L2Wrap, which adds to the gradient but not to the loss, is left out. First values are the authors'
//   (BlinkDL/RWKV-LM@524481d, RWKV-v4), not those of Hugging Face's class.

import Layers
import PluginKit
import SequenceModel
import Tensor

final class RWKV4: SteppingModel {
    static let capabilities: Capabilities = [.causal, .session, .predicts, .fixedState]
    static let card = ModelCard(
        id: "rwkv4", name: "RWKV-4", family: "rwkv",
        summary: "Attention without queries: a weighted average over the past that fades at a rate of each channel's own. Five numbers a channel.",
        paper: "RWKV: Reinventing RNNs for the Transformer Era (arXiv:2305.13048)", modelTypes: ["rwkv"])
    static let probes: [Probe<RWKV4>] = [
        Probe(
            "decay", "What the past's weights are multiplied by at each token, mean over channels: near 1 where a layer remembers long.",
            axes: [.counted("layer") { $0.blocks.count }], unit: "", test: .init({ .small }, expected: [0.4033323, 0.3814973])
        ) { model, _ in concatenate(model.blocks.map { $0.timeMixing.decay.mean().reshaped([1]) }, axis: 0) }
    ]

    let embedding: Embedding
    let normIn: LayerNorm
    let blocks: [RWKV4Block]
    let norm: LayerNorm
    let head: Linear

    init(_ c: RWKV4Configuration, _ p: Parameters) throws {
        let trunk = p.scope("rwkv")
        let (symbols, width) = (c.vocabularySize, c.hiddenSize)
        embedding = Embedding(
            weight: trunk.scope("embeddings").orthogonal(
                "weight", rows: symbols, columns: width, gain: 1e-4 * Double(max(symbols, width)).squareRoot(), weightDecay: false))
        normIn = trunk.layerNorm("blocks.0.pre_ln", width, epsilon: c.normEpsilon)
        blocks = trunk.layers("blocks", c.layerCount) { p, index in RWKV4Block(c, p, index) }
        norm = trunk.layerNorm("ln_out", width)
        head =
            c.tieWordEmbeddings
            ? p.tiedLinear("head", to: embedding)
            : Linear(
                weight: p.scope("head").orthogonal(
                    "weight", rows: symbols, columns: width, gain: 0.5 * (max(1, Double(symbols) / Double(width))).squareRoot(),
                    weightDecay: false))
    }

    func trunk(_ tokens: Tokens) throws -> Tensor {
        var x = normIn(embedding(tokens))  // [B, T, D]
        for block in blocks {
            try checkCancellation()
            x = block(x)
        }
        return norm(x)
    }

    func initialState(rows: Int, scalarType: ScalarType) -> RWKV4State {
        RWKV4State(layers: blocks.map { $0.initialState(rows: rows, scalarType) })
    }

    func trunk(_ tokens: Tokens, position: Int, _ state: inout RWKV4State) throws -> Tensor {
        var x = normIn(embedding(tokens))  // [B, T, D]
        for (index, block) in blocks.enumerated() {
            try checkCancellation()
            x = block(x, position: position, &state.layers[index])
        }
        return norm(x)
    }
}
