import Layers
import SequenceModel
import Tensor

/// Causal attention whose queries and keys are normalised over their full width, all heads together, before they are turned.
struct NormedAttention {
    let heads: Int
    let keyValueHeads: Int
    let headWidth: Int
    let query: Linear
    let key: Linear
    let value: Linear
    let output: Linear
    let queryNorm: RMSNorm
    let keyNorm: RMSNorm
    /// nil: no positions.
    let rotary: RotaryEmbedding?

    init(
        _ p: Parameters, width: Int, heads: Int, keyValueHeads: Int, rotary: RotaryEmbedding?, bias: Bool, epsilon: Double,
        initialiser: Initialiser
    ) {
        (self.heads, self.keyValueHeads, headWidth) = (heads, keyValueHeads, width / heads)
        self.rotary = rotary
        let shared = keyValueHeads * headWidth
        query = p.linear("q_proj", width, width, bias: bias, initialiser: initialiser)
        key = p.linear("k_proj", width, shared, bias: bias, initialiser: initialiser)
        value = p.linear("v_proj", width, shared, bias: bias, initialiser: initialiser)
        output = p.linear("o_proj", width, width, bias: bias, initialiser: initialiser)
        queryNorm = p.rmsNorm("q_norm", width, epsilon: epsilon)
        keyNorm = p.rmsNorm("k_norm", shared, epsilon: epsilon)
    }

    /// [B, T, D] → [B, T, D], from the beginning of the text.
    func callAsFunction(_ x: Tensor) -> Tensor {
        let (q, k, v) = project(x, position: 0)
        return merge(attention(q, k, v, visibility: .causal(x.extent(1)), scale: scale))
    }

    /// The same for tokens that come after those in `cache`, which then has these too.
    func callAsFunction(_ x: Tensor, _ cache: inout KeyValueCache) throws -> Tensor {
        let (q, k, v) = project(x, position: cache.length)
        let seen = try cache.append(keys: k, values: v)
        return merge(
            attention(q, keysByHead: seen.keys, valuesByHead: seen.values, visibility: seen.visibility, scale: scale))
    }

    func makeCache(rows: Int, scalarType: ScalarType) throws -> KeyValueCache {
        try KeyValueCache(
            rows: rows, heads: keyValueHeads, keyWidth: headWidth, valueWidth: headWidth, scalarType: scalarType)
    }

    private var scale: Double { 1 / Double(headWidth).squareRoot() }

    private func project(_ x: Tensor, position: Int) -> (q: Tensor, k: Tensor, v: Tensor) {
        func split(_ x: Tensor, _ heads: Int) -> Tensor { x.reshaped([x.extent(0), x.extent(1), heads, headWidth]) }
        let q = split(queryNorm(query(x)), heads)
        let k = split(keyNorm(key(x)), keyValueHeads)
        let v = split(value(x), keyValueHeads)
        guard let rotary else { return (q, k, v) }
        return (rotary(q, from: position), rotary(k, from: position), v)
    }

    private func merge(_ o: Tensor) -> Tensor { output(o.reshaped([o.extent(0), o.extent(1), heads * headWidth])) }
}
