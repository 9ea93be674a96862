import Layers
import SequenceModel
import Tensor

/// x ← 2 x + W_o Attention(W_q RMSNorm(x); W_k, W_v RMSNorm(y)), each row of x attending to a run of rows of y, without positions.
///
/// The residual is there twice: published models add it inside and once more outside.
struct PatchCrossAttention {
    let queryNorm: RMSNorm
    let keyNorm: RMSNorm
    let query: Linear
    let key: Linear
    let value: Linear
    let output: Linear
    let heads: Int
    let keyValueHeads: Int

    init(_ p: Parameters, _ s: ByteBlock.Shape) {
        heads = s.heads
        keyValueHeads = s.keyValueHeads
        let inner = Parameters.product(s.heads, s.headWidth), shared = Parameters.product(s.keyValueHeads, s.headWidth)
        query = p.linear("q_proj", s.width, inner, initialiser: s.inner)
        key = p.linear("k_proj", s.width, shared, initialiser: s.inner)
        value = p.linear("v_proj", s.width, shared, initialiser: s.inner)
        output = p.linear("o_proj", inner, s.width, initialiser: s.back)
        queryNorm = p.rmsNorm("q_norm", s.width, epsilon: s.epsilon)
        keyNorm = p.rmsNorm("k_norm", s.width, epsilon: s.epsilon)
    }

    /// x [Q, D], y [S, D], of which row i of x sees `ranges[i]` → [Q, D].
    func callAsFunction(_ x: Tensor, _ y: Tensor, ranges: [Range<Int>]) -> Tensor {
        func split(_ x: Tensor, _ heads: Int) -> Tensor { x.reshaped([x.extent(0), heads, x.extent(1) / heads]) }
        let read = keyNorm(y)
        let q = split(query(queryNorm(x)), heads)  // [Q, H, K]
        let k = split(key(read), keyValueHeads), v = split(value(read), keyValueHeads)  // [S, G, K]
        let o = rangeAttention(q, k, v, ranges: ranges, scale: 1 / Double(q.extent(2)).squareRoot())
        return x * 2 + output(o.reshaped([x.extent(0), q.extent(1) * q.extent(2)]))
    }
}
