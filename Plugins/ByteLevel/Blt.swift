// Paper: Byte Latent Transformer: Patches Scale Better Than Tokens, Pagnoni et al. 2024, arXiv:2412.09871, sections 2.3 (entropy patching),
//   3.2 (local encoder, hashed n-grams, cross-attention), 3.1 (latent global transformer), 3.3 (local decoder).
// Update: bytes → local encoder → b; patch j ends where the patcher is unsure of what follows; P_j pools its bytes (maximum, then
//   cross-attention); g = Global(P); byte i goes on from b_i and the last patch that has ended, g_j.
// Checked against: transformers 5.23.0 `BltForCausalLM` (entropies, patch lengths, logits, all gradients).
// Deviations: with `patcher_loss_weight` the patcher learns in the same run, from its own loss; first values are normal, not cut at
//   three deviations; a patch of the greatest length has ended even when it is the last of the text.

import Layers
import PluginKit
import SequenceModel
import Tensor

final class Blt: SteppingModel {
    static let capabilities: Capabilities = [.causal, .session, .predicts, .auxiliaryLoss]
    static let card = ModelCard(
        id: "blt", name: "Byte Latent Transformer", family: "byte-level",
        summary: "A transformer over patches of bytes that end where a small model is unsure of what follows, between local ones over bytes.",
        paper: "Byte Latent Transformer: Patches Scale Better Than Tokens (arXiv:2412.09871)")

    let c: BltConfiguration
    let rule: PatchRule
    let patcher: BltPatcher?
    let embedding: Embedding
    let hashes: HashedGroups?
    let encoder: [ByteBlock]
    /// D_L → k · D_L, of the maximum over a patch.
    let pooling: Linear
    let poolingAttention: PatchCrossAttention
    /// k · D_L → D_G, where these differ.
    let widening: Linear?
    let global: [ByteBlock]
    /// D_G → k · D_L
    let latents: Linear
    let decoder: [ByteBlock]
    /// One before each of the first layers of the decoder.
    let readings: [PatchCrossAttention]
    let norm: RMSNorm
    let head: Linear
    var shape: ModelShape { ModelShape(vocabulary: c.symbolCount, alphabet: c.symbolCount) }

    init(_ c: BltConfiguration, _ p: Parameters) throws {
        self.c = c
        rule = PatchRule(c)
        let model = p.scope("model")
        let width = c.encoder.hiddenSize, wide = Parameters.product(c.latentCount, width)
        func stack(_ p: Parameters, _ s: BltStack, window: Int?) -> [ByteBlock] {
            let shape = s.blocks(window: window)
            let rotary = RotaryEmbedding(pairs: shape.headWidth / 2, theta: s.rope.theta, isInterleaved: true)
            return p.layers("layers", s.layerCount) { p, _ in ByteBlock(p, shape, rotary: rotary) }
        }
        let local = model.scope("local_encoder")
        embedding = local.embedding("embed_tokens", c.vocabularySize, width, initialiser: BltStack.initialiser(fanIn: width))
        hashes = HashedGroups(c, model)
        encoder = stack(local, c.encoder, window: c.localWindow)
        pooling = local.linear("patch_embedding_projection", width, wide, initialiser: BltStack.initialiser(fanIn: width))
        poolingAttention = PatchCrossAttention(local.scope("cross_attn_layers.0"), c.encoder.blocks(window: nil))
        let middle = model.scope("global_transformer")
        widening =
            wide == c.global.hiddenSize
            ? nil
            : middle.linear("token_embedding_projection", wide, c.global.hiddenSize, initialiser: BltStack.initialiser(fanIn: wide))
        global = stack(middle, c.global, window: nil)
        let last = model.scope("local_decoder")
        latents = last.linear(
            "patch_embedding_projection", c.global.hiddenSize, wide, initialiser: BltStack.initialiser(fanIn: c.global.hiddenSize))
        decoder = stack(last, c.decoder, window: c.localWindow)
        let readingShape = c.decoder.blocks(window: nil)
        readings = last.layers("cross_attn_layers", c.decoder.crossAttentionAllLayers == false ? 1 : c.decoder.layerCount) { p, _ in
            PatchCrossAttention(p, readingShape)
        }
        norm = last.rmsNorm("norm", width, epsilon: c.decoder.normEpsilon)
        head = p.linear("lm_head", width, c.vocabularySize, initialiser: BltStack.initialiser(fanIn: width))
        patcher = c.hasPatcher ? BltPatcher(c, model.scope("patcher")) : nil
    }

    // MARK: - Training

    func trunk(_ tokens: Tokens) throws -> Tensor {
        let ids = ids(of: tokens)
        return try trunk(ids, patches: patches(ids, entropies: try patcher?.entropies(ids)))
    }

    /// Weighted nats, and those of the patcher by `patcher_loss_weight`. Neither's gradient reaches the other: borders have none.
    func loss(_ batch: Batch) throws -> Tensor {
        var (rows, targets, weights): ([Int32], [Int32], [Double]) = ([], [], [])
        for (index, target) in batch.targets.enumerated() where target >= 0 {
            rows.append(Int32(index))
            targets.append(target)
            weights.append(Double(batch.weights?[index] ?? 1))
        }
        let tokens = Tokens(batch)
        guard let patcher, c.trainsPatcher else {
            return try crossEntropy(tokens, rows: rows, targets: targets, weights: weights).sum
        }
        let ids = ids(of: tokens)
        let read = try patcher.trunk(ids)
        let x = try trunk(ids, patches: patches(ids, entropies: patcher.entropies(ofTrunk: read)))
        let own = sum(x, head, rows: rows, targets: targets, weights: weights)
        return own.sum + sum(read, patcher.head, rows: rows, targets: targets, weights: weights).sum * c.patcherLossWeight
    }

    func crossEntropy(
        _ tokens: Tokens, rows: [Int32], targets: [Int32], weights: [Double]?
    ) throws -> (sum: Tensor, nats: [Double]) {
        sum(try trunk(tokens), head, rows: rows, targets: targets, weights: weights)
    }

    func logits(ofTrunk x: Tensor) -> Tensor { linear(x, weight: weight(of: head)) }

    /// A head without the ids that are not for texts.
    private func weight(of head: Linear) -> Tensor {
        let weight = head.weight.tensor
        return c.byteOffset == 0 ? weight : weight.sliced(axis: 0, c.byteOffset ..< c.vocabularySize)
    }

    private func sum(
        _ x: Tensor, _ head: Linear, rows: [Int32], targets: [Int32], weights: [Double]?
    ) -> (sum: Tensor, nats: [Double]) {
        let flat = x.reshaped([x.extent(0) * x.extent(1), x.extent(2)])
        let chosen = rows.count == flat.extent(0) ? flat : flat.gatherRows(rows)
        return linearCrossEntropy(chosen, weight: weight(of: head), targets: targets, weights: weights)
    }

    /// [B, T] ids → [B, T, D_L]
    private func trunk(_ ids: Tokens, patches: PatchedBatch) throws -> Tensor {
        let (rows, length, width) = (ids.rows, ids.length, c.encoder.hiddenSize)
        let bytes = try encoder(embed(ids, last: length)).reshaped([rows * length, width])
        let pooled = pool(bytes, patches.segments).reshaped([rows, patches.capacity, c.latentCount * width])
        let read = latents(try global(widening.map { $0(pooled) } ?? pooled))  // [B, patches, k · D_L]
        let keys = read.reshaped([rows * patches.capacity * c.latentCount, width])
        let seen = patches.latest.map { $0 * c.latentCount ..< ($0 + 1) * c.latentCount }
        return try decode(bytes, keys, seen) { layer, h in
            decoder[layer](h.reshaped([rows, length, width])).reshaped([rows * length, width])
        }.reshaped([rows, length, width])
    }

    // MARK: - Parts

    /// Ids of symbols.
    func ids(of tokens: Tokens) -> Tokens {
        guard c.byteOffset > 0 else { return tokens }
        return Tokens(rows: tokens.rows, length: tokens.length, ids: tokens.ids.map { $0 + Int32(c.byteOffset) })
    }

    /// [B, T, D_L] for the last T of the ids [B, S].
    func embed(_ ids: Tokens, last length: Int) -> Tensor {
        let own = embedding(ids.columns(ids.length - length ..< ids.length))
        return hashes.map { own + $0(ids, last: length) } ?? own
    }

    /// Bytes [S, D_L] → the latents of the patches `segments`, [n · k, D_L].
    func pool(_ bytes: Tensor, _ segments: [Range<Int>]) -> Tensor {
        let queries = pooling(segmentMaximum(bytes, segments: segments))
            .reshaped([segments.count * c.latentCount, c.encoder.hiddenSize])
        return poolingAttention(queries, bytes, ranges: segments.flatMap { [Range<Int>](repeating: $0, count: c.latentCount) })
    }

    /// Bytes [S, D_L] go through the decoder, of which `layer` computes a layer; byte i reads the latents `seen[i]`.
    func decode(
        _ bytes: Tensor, _ keys: Tensor, _ seen: [Range<Int>], layer: (_ index: Int, _ h: Tensor) throws -> Tensor
    ) throws -> Tensor {
        var h = bytes
        for index in decoder.indices {
            try checkCancellation()
            if index < readings.count { h = readings[index](h, keys, ranges: seen) }
            h = try layer(index, h)
        }
        return norm(h)
    }

    /// Patches of each row: entropies [B · T], where there is a patcher.
    func patches(_ ids: Tokens, entropies: [Double]?) -> PatchedBatch {
        let ends = (0 ..< ids.rows).map { row -> [Int] in
            var open = PatchRule.Open()
            return (0 ..< ids.length).filter { position in
                let index = row * ids.length + position
                return rule.ends(&open, position: position, id: ids.ids[index], entropy: entropies?[index] ?? 0)
            }
        }
        return PatchedBatch(ends: ends, length: ids.length)
    }
}
