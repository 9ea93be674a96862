import Layers
import SequenceModel
import Tensor

/// A small transformer over bytes whose doubt about the next byte cuts the text into patches.
///
/// Its weights are buffers, as in published models, unless it learns in the same run.
struct BltPatcher {
    let embedding: Embedding
    let blocks: [ByteBlock]
    let norm: RMSNorm
    let head: Linear

    init(_ c: BltConfiguration, _ p: Parameters) {
        let s = c.patcher
        let p = c.trainsPatcher ? p : p.frozen
        let initialiser = BltStack.initialiser(fanIn: s.hiddenSize)
        embedding = p.embedding("embed_tokens", c.vocabularySize, s.hiddenSize, initialiser: initialiser)
        let shape = s.blocks(window: s.slidingWindow)
        let rotary = RotaryEmbedding(pairs: shape.headWidth / 2, theta: s.rope.theta, isInterleaved: true)
        blocks = p.layers("layers", s.layerCount) { p, _ in ByteBlock(p, shape, rotary: rotary) }
        norm = p.rmsNorm("norm", s.hiddenSize, epsilon: s.normEpsilon)
        head = p.linear("lm_head", s.hiddenSize, c.vocabularySize, initialiser: initialiser)
    }

    /// [B, T] ids → [B, T, D]
    func trunk(_ ids: Tokens) throws -> Tensor { norm(try blocks(embedding(ids))) }

    /// The same after what `caches` have read.
    func trunk(_ ids: Tokens, _ caches: inout [KeyValueCache]) throws -> Tensor { norm(try blocks(embedding(ids), &caches)) }

    /// Nats [B · T] of what is foretold after each byte.
    func entropies(_ ids: Tokens) throws -> [Double] {
        try Execution.withoutRecording { entropies(ofTrunk: try trunk(ids)) }
    }

    /// The same from the trunk's output [B, T, D]. Never recorded: borders have no derivative.
    func entropies(ofTrunk x: Tensor) -> [Double] {
        Execution.withoutRecording {
            let logs = head(x.stopGradient()).logSoftmax()
            return (-(logs.exp() * logs).sum(axis: -1)).toArray()
        }
    }
}
