// Paper: LLaMA: Open and Efficient Foundation Language Models, Touvron et al. 2023, arXiv:2302.13971, section 2.2: Attention Is All You Need
//   (arXiv:1706.03762, equation 1) with RMSNorm before each sublayer (arXiv:1910.07467, equation 4), SwiGLU (arXiv:2002.05202,
//   equation 6), rotary positions (arXiv:2104.09864, equation 34); grouped-query attention (arXiv:2305.13245); sliding-window
//   attention (Mistral 7B, arXiv:2310.06825, section 2).
// Update: x ← x + W_o softmax(q kᵀ / √K) v;  x ← x + W_down (silu(W_gate n) ⊙ W_up n), each on n = RMSNorm(x).
// Checked against: transformers 5.23.0 `LlamaForCausalLM` and `MistralForCausalLM` (logits, all gradients, greedy continuation).
// Deviations: no dropout; first values of W_o and W_down divided by √(2 L) unless `initialization` is "plain".

import Layers
import PluginKit
import SequenceModel
import Tensor

final class Transformer: SteppingModel {
    static let card = ModelCard(
        id: "transformer", name: "Transformer", family: "transformer",
        summary: "A decoder in the manner of Llama: rotary attention (full, grouped or sliding-window) and SwiGLU; its cache grows with the text.",
        paper: "LLaMA: Open and Efficient Foundation Language Models (arXiv:2302.13971)",
        modelTypes: ["llama", "mistral"])
    static let probes: [Probe<Transformer>] = [
        Probe(
            "attention_entropy", "Entropy of each head's attention, mean over queries: 0 where a head looks at one token.",
            axes: [.counted("layer") { $0.blocks.count }, .counted("head") { $0.blocks[0].attention.shape.heads }], unit: "nats",
            test: .init({ .small }, expected: [1.3141250, 1.3154196, 0.9018903, 0.9032797])
        ) { model, batch in try model.attentionEntropy(Tokens(batch)) }
    ]

    let embedding: Embedding
    let blocks: [TransformerBlock]
    let norm: RMSNorm
    let head: Linear

    init(_ c: TransformerConfiguration, _ p: Parameters) throws {
        let model = p.scope("model")
        let initialiser = Initialiser.normal(c.initializerRange)
        let rotary = RotaryEmbedding(pairs: (c.headWidth ?? c.hiddenSize / c.headCount) / 2, theta: c.rope.theta)
        embedding = model.embedding("embed_tokens", c.vocabularySize, c.hiddenSize, initialiser: initialiser)
        blocks = model.layers("layers", c.layerCount) { p, layer in
            TransformerBlock(c, p, layer: layer, rotary: rotary)
        }
        norm = model.rmsNorm("norm", c.hiddenSize, epsilon: c.normEpsilon)
        head =
            c.tieWordEmbeddings
            ? p.tiedLinear("lm_head", to: embedding)
            : p.linear("lm_head", c.hiddenSize, c.vocabularySize, initialiser: initialiser)
    }

    func trunk(_ tokens: Tokens) throws -> Tensor {
        var x = embedding(tokens)  // [B, T, D]
        for block in blocks {
            try checkCancellation()
            x = block(x)
        }
        return norm(x)
    }

    /// Entropy of the attention weights, mean over rows and queries: [L, H].
    func attentionEntropy(_ tokens: Tokens) throws -> Tensor {
        var x = embedding(tokens)  // [B, T, D]
        var entropies: [Tensor] = []
        for block in blocks {
            try checkCancellation()
            let entropy = try block.attention.entropy(block.inputNorm(x))  // [H]
            entropies.append(entropy.reshaped([1, entropy.count]))
            x = block(x)
        }
        return concatenate(entropies, axis: 0)
    }

    struct State: ModelState {
        /// One for each layer.
        var caches: [KeyValueCache]

        mutating func visit(_ visitor: StateVisitor) throws {
            for layer in caches.indices { try caches[layer].visit(visitor) }
        }

        mutating func rewind(to position: Int, from length: Int) -> Bool {
            var shorter = caches
            for layer in shorter.indices where !shorter[layer].rewind(to: position) { return false }
            caches = shorter
            return true
        }
    }

    func initialState(rows: Int, scalarType: ScalarType) throws -> State {
        State(caches: try blocks.map { try $0.attention.makeCache(rows: rows, scalarType: scalarType) })
    }

    func trunk(_ tokens: Tokens, position: Int, _ state: inout State) throws -> Tensor {
        var x = embedding(tokens)  // [B, T, D]
        for (layer, block) in blocks.enumerated() {
            try checkCancellation()
            x = try block(x, &state.caches[layer])
        }
        return norm(x)
    }
}
