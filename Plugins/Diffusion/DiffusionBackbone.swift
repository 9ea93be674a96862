import Glibc
import Layers
import SequenceModel
import Tensor

/// The denoiser: a transformer that sees both sides, its norms shifted and scaled by an embedding of the time
/// (DiT, Peebles and Xie 2022, arXiv:2212.09748, adaLN-Zero), as in MDLM.
///
/// x ← x + gate₁ ⊙ Attn((1 + scale₁) ⊙ LN(x) + shift₁);  x ← x + gate₂ ⊙ MLP((1 + scale₂) ⊙ LN(x) + shift₂)
///
/// Checked against the backbone of kuleshov-group/bd3lms@1c3e8f4, which with a single block is MDLM's.
struct DiffusionBackbone {
    /// Sines and cosines that the time is written in.
    static let waveCount = 256

    let embedding: Parameter
    let timeIn: Linear
    let timeOut: Linear
    let blocks: [DiffusionBlock]
    let finalNorm: Parameter
    let finalModulation: Linear
    let head: Linear
    private let headCount: Int
    private let blockSize: Int
    private let timeConditioning: Bool
    /// Positions of what is decoded block by block.
    private let decodedPositions: RotaryEmbedding

    init<Form>(_ c: DiffusionConfiguration<Form>, _ p: Parameters) throws {
        (headCount, blockSize, timeConditioning) = (c.headCount, c.blockSize, c.timeConditioning)
        decodedPositions = RotaryEmbedding(pairs: c.hiddenSize / c.headCount / 2)
        embedding = p.scope("vocab_embed").parameter(
            "embedding", shape: [c.vocabularySize, c.hiddenSize], initialiser: .kaimingUniform(fanIn: c.hiddenSize))
        let time = p.scope("sigma_map.mlp")
        timeIn = time.linear("0", DiffusionBackbone.waveCount, c.conditionSize, bias: true, initialiser: .normal(0.02))
        timeOut = time.linear("2", c.conditionSize, c.conditionSize, bias: true, initialiser: .normal(0.02))
        blocks = p.layers("blocks", c.blockCount) { p, _ in DiffusionBlock(c, p) }
        let output = p.scope("output_layer")
        finalNorm = output.parameter("norm_final.weight", shape: [c.hiddenSize], initialiser: .ones)
        // Zero: the first predictions are uniform and every block starts as the identity.
        head = output.linear("linear", c.hiddenSize, c.vocabularySize, bias: true, initialiser: .zeros)
        finalModulation = output.linear(
            "adaLN_modulation", c.conditionSize, 2 * c.hiddenSize, bias: true, initialiser: .zeros)
    }

    /// What the head reads: [B, S, D].
    ///
    /// - Parameters:
    ///   - tokens: [B, S]: S = T, hidden positions as the mask symbol; with blocks S = 2T: the noisy text, then the clean one.
    ///   - times: how much of each row is hidden, [B]; read only with `timeConditioning`.
    func trunk(_ tokens: Tokens, times: [Double]) throws -> Tensor {
        let length = blockSize > 0 ? tokens.length / 2 : tokens.length
        let visibility: Visibility =
            blockSize > 0
            ? .blockDiffusion(length, block: blockSize) : .full(length, length)
        let positions = (0 ..< tokens.length).map { Int32($0 % length) }
        let type = embedding.tensor.scalarType
        let rotation = RotaryTable(
            pairs: finalNorm.shape[0] / headCount / 2, theta: 10_000, maximumPositions: length,
            type: type)
        let condition = self.condition(times, type)  // [1 or B, C]

        var x = Embedding(weight: embedding)(tokens)  // [B, S, D]
        for block in blocks {
            try checkCancellation()
            x = block(x, condition: condition, turn: { rotary($0, rotation, positions: positions) }) { q, k, v in
                attention(q, k, v, visibility: visibility, scale: block.scale)
            }
        }
        return normed(x, condition)
    }

    /// What the head reads of `tokens` [1, n], which follow the finished blocks in `caches` and then are in there too: [1, n, D]. Each sees
    /// what was there before and its own block of `blockSize`. Not recorded.
    ///
    /// - Parameter tokens: at most `KeyValueCache.longestAppend`, from the beginning of a block on.
    func trunk(_ tokens: Tokens, after caches: inout [KeyValueCache]) throws -> Tensor {
        let condition = self.condition([0], embedding.tensor.scalarType)
        var x = Embedding(weight: embedding)(tokens)  // [1, n, D]
        for (index, block) in blocks.enumerated() {
            try checkCancellation()
            let begin = caches[index].length
            x = try block(x, condition: condition, turn: { decodedPositions($0, from: begin) }) { q, k, v in
                let seen = try caches[index].append(keys: k, values: v)
                let places = seen.keys.extent(2)
                let visibility = Visibility(
                    (0 ..< tokens.length).map { token in
                        (0 ..< begin + min(tokens.length, (token / blockSize + 1) * blockSize), places ..< places)
                    }, keyCount: places)
                return attention(q, keysByHead: seen.keys, valuesByHead: seen.values, visibility: visibility, scale: block.scale)
            }
        }
        return normed(x, condition)
    }

    private func normed(_ x: Tensor, _ condition: Tensor) -> Tensor {
        let parts = Modulation.split(finalModulation(condition), into: 2)
        return Modulation.norm(x, finalNorm.tensor, shift: parts[0], scale: parts[1])
    }

    /// silu of the embedding of σ(t) = −ln(1 − (1 − ε) t), the log-linear schedule: [1, C] when the network is always told
    /// σ = 0 (the published runs), else [B, C].
    private func condition(_ times: [Double], _ type: ScalarType) -> Tensor {
        let noise = timeConditioning ? times.map { -log(1 - (1 - NoiseDraw.smallestTime) * $0) } : [0]
        let half = DiffusionBackbone.waveCount / 2
        var waves: [Double] = []
        for sigma in noise {
            let angles = (0 ..< half).map { sigma * exp(-log(10_000) * Double($0) / Double(half)) }
            waves += angles.map { cos($0) }
            waves += angles.map { sin($0) }
        }
        let embedded = Tensor(waves, shape: [noise.count, 2 * half], type: type)
        return timeOut(timeIn(embedded).silu()).silu()
    }
}
