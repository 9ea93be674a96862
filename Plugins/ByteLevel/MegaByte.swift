// Paper: MEGABYTE: Predicting Million-byte Sequences with Multiscale Transformers, Yu et al. 2023, arXiv:2305.07185, section 2 (patch
//   embedder, global and local model), figure 2.
// Update: with patches of P bytes, g = Global(start, e_0, e_1, …), e_k the byte embeddings of patch k side by side; patch k is
//   written by Local over its P places, whose input is row p of W g_k plus the embedding of byte p − 1 of the patch.
// Checked against: a second MegaByte written out in double precision, one position at a time (`MegaByteTests`).
// Deviations: rotary positions instead of learned ones, RMSNorm and SwiGLU instead of LayerNorm and GELU, no dropout, no strided inference.

import Layers
import PluginKit
import SequenceModel
import Tensor

final class MegaByte: SteppingModel {
    static let card = ModelCard(
        id: "megabyte", name: "MegaByte", family: "byte-level",
        summary: "A global transformer that steps once for each patch of bytes, and a local one that writes the bytes of a patch.",
        paper: "MEGABYTE: Predicting Million-byte Sequences with Multiscale Transformers (arXiv:2305.07185)")
    static let probes: [Probe<MegaByte>] = [
        Probe(
            "place_in_patch", "Nats of the next symbol by its place in the patch: the first sees its own patch through nothing.",
            axes: [.counted("place") { $0.c.patchSize }], unit: "nats",
            test: .init({ .small }, expected: [2.5736151, 2.5420413, 2.6127431])
        ) { model, batch in try model.natsByPlace(batch) }
    ]

    let c: MegaByteConfiguration
    /// [V, D_G / P]
    let patchEmbedding: Embedding
    /// [1, D_G], what the global transformer reads before the first patch
    let patchStart: Parameter
    let global: [ByteBlock]
    let globalNorm: RMSNorm
    /// D_G → P · D_L
    let projection: Linear
    /// [V + 1, D_L]: the last row stands where a patch has no byte before.
    let embedding: Embedding
    let local: [ByteBlock]
    let norm: RMSNorm
    let head: Linear

    init(_ c: MegaByteConfiguration, _ p: Parameters) throws {
        self.c = c
        let initialiser = Initialiser.normal(c.initializerRange)
        func shape(_ width: Int, _ heads: Int, _ hidden: Int, _ layers: Int) -> ByteBlock.Shape {
            ByteBlock.Shape(
                width: width, heads: heads, keyValueHeads: heads, hidden: hidden, window: nil, epsilon: c.normEpsilon,
                inner: initialiser, back: .normal(c.initializerRange / (2 * Double(layers)).squareRoot()))
        }
        let g = p.scope("global")
        patchEmbedding = g.embedding("embed_tokens", c.vocabularySize, c.hiddenSize / c.patchSize, initialiser: initialiser)
        patchStart = g.parameter("start", shape: [1, c.hiddenSize], initialiser: initialiser, weightDecay: false)
        let wide = shape(c.hiddenSize, c.headCount, c.intermediateSize, c.layerCount)
        let wideRotary = RotaryEmbedding(pairs: wide.headWidth / 2, theta: c.ropeTheta)
        global = g.layers("layers", c.layerCount) { p, _ in ByteBlock(p, wide, rotary: wideRotary) }
        globalNorm = g.rmsNorm("norm", c.hiddenSize, epsilon: c.normEpsilon)
        let l = p.scope("local")
        projection = l.linear(
            "patch_projection", c.hiddenSize, Parameters.product(c.patchSize, c.localHiddenSize), initialiser: initialiser)
        embedding = l.embedding("embed_tokens", c.vocabularySize + 1, c.localHiddenSize, initialiser: initialiser)
        let narrow = shape(c.localHiddenSize, c.localHeadCount, c.localIntermediateSize, c.localLayerCount)
        let narrowRotary = RotaryEmbedding(pairs: narrow.headWidth / 2, theta: c.ropeTheta)
        local = l.layers("layers", c.localLayerCount) { p, _ in ByteBlock(p, narrow, rotary: narrowRotary) }
        norm = l.rmsNorm("norm", c.localHiddenSize, epsilon: c.normEpsilon)
        head = p.linear("lm_head", c.localHiddenSize, c.vocabularySize, initialiser: initialiser)
    }

    /// Row t speaks of byte t + 1, which stands at place (t + 1) mod P of its patch: the local transformer's rows 1 … T.
    func trunk(_ tokens: Tokens) throws -> Tensor {
        let (rows, length, size) = (tokens.rows, tokens.length, c.patchSize)
        let patches = length / size + 1  // the last one is that of byte T
        var read = start(rows: rows)  // [B, 1, D_G]
        if patches > 1 { read = concatenate([read, embed(patchesOf: tokens.columns(0 ..< (patches - 1) * size))], axis: 1) }
        let latents = projection(globalNorm(try global(read)))  // [B, patches, P · D_L]
        let x = latents.reshaped([rows * patches, size, c.localHiddenSize]) + embed(shifted: tokens, count: patches)
        return norm(try local(x)).reshaped([rows, patches * size, c.localHiddenSize]).sliced(axis: 1, 1 ..< length + 1)
    }

    /// What is read before the first patch: [B, 1, D_G].
    func start(rows: Int) -> Tensor {
        patchStart.tensor.reshaped([1, 1, c.hiddenSize]).broadcast(to: [rows, 1, c.hiddenSize])
    }

    /// Whole patches [B, n · P] → [B, n, D_G], the bytes of a patch side by side.
    func embed(patchesOf tokens: Tokens) -> Tensor {
        patchEmbedding(tokens).reshaped([tokens.rows, tokens.length / c.patchSize, c.hiddenSize])
    }

    /// What the places of `count` patches read of the bytes before them: [B · count, P, D_L]. `tokens` begin with the first byte of the
    /// first patch; bytes that are not there read as zeros.
    func embed(shifted tokens: Tokens, count: Int) -> Tensor {
        var ids = [Int32](repeating: -1, count: tokens.rows * count * c.patchSize)
        for row in 0 ..< tokens.rows {
            for place in 0 ..< count * c.patchSize {
                let byte = place - 1
                let index = row * count * c.patchSize + place
                if place % c.patchSize == 0 {
                    ids[index] = Int32(c.vocabularySize)
                } else if byte < tokens.length {
                    ids[index] = tokens.ids[row * tokens.length + byte]
                }
            }
        }
        return embedding(Tokens(rows: tokens.rows * count, length: c.patchSize, ids: ids))
    }

    /// Mean nats of the targets by the place of the byte in its patch: [P]; 0 where there is none.
    func natsByPlace(_ batch: Batch) throws -> Tensor {
        let nats = try score(batch, samples: 1).nats
        var (sums, counts) = ([Double](repeating: 0, count: c.patchSize), [Double](repeating: 0, count: c.patchSize))
        for (index, target) in batch.targets.enumerated() where target >= 0 {
            let place = (index % batch.length + 1) % c.patchSize
            sums[place] += Double(nats[index])
            counts[place] += 1
        }
        return Tensor(zip(sums, counts).map { $0 / max(1, $1) }, shape: [c.patchSize])
    }
}
