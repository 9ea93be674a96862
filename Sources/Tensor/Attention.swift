internal import Kernels

/// softmax(scale · q kᵀ) v over what each query may see; rows that see nothing give zeros.
///
/// No T × S buffer: scores are made and used tile by tile (FlashAttention-2, arXiv:2307.08691).
/// - Parameters:
///   - q: [B, T, H, K]
///   - k: [B, S, G, K]; query head h uses key head h / (H / G), so G divides H (arXiv:2305.13245).
///   - v: [B, S, G, V]
///   - visibility: T rows over S keys.
///   - scale: usually 1 / √K.
/// - Returns: [B, T, H, V]
/// - Complexity: 2 (K + V) operations for each visible pair and head; the derivative takes 2.5 times as many.
public func attention(_ q: Tensor, _ k: Tensor, _ v: Tensor, visibility: Visibility, scale: Double) -> Tensor {
    precondition(
        q.rank == 4 && k.rank == 4 && v.rank == 4 && q.shape[0] == k.shape[0] && q.shape[3] == k.shape[3]
            && k.shape.dropLast() == v.shape.dropLast() && k.shape[2] > 0 && q.shape[2] % k.shape[2] == 0,
        "attention of q \(q.shape), k \(k.shape), v \(v.shape)")
    precondition(
        visibility.queryCount == q.shape[1] && visibility.keyCount == k.shape[1],
        "visibility of \(visibility.queryCount) × \(visibility.keyCount) for q \(q.shape), k \(k.shape)")
    let heads = AttentionHeads(q: q, k: k, v: v, visibility: visibility, scale: scale)
    let o = Tensor(uninitialized: q.shape.dropLast() + [v.shape[3]], q.scalarType)
    let logSumExp = Tensor(uninitialized: [q.shape[0], q.shape[2], q.shape[1]], q.scalarType)  // [B, H, T]
    q.scalarType == .float32
        ? heads.forward(Float.self, o, logSumExp) : heads.forward(Double.self, o, logSumExp)
    return o.recorded(
        fused: [q, k, v],
        reference: { Reference.attention($0[0], $0[1], $0[2], visibility: visibility, scale: scale) }
    ) { dy, into in
        let dq = Tensor(uninitialized: q.shape, q.scalarType)
        let dk = into.accumulator(1, shape: k.shape, k.scalarType) ?? .zeros(k.shape, k.scalarType)
        let dv = into.accumulator(2, shape: v.shape, v.scalarType) ?? .zeros(v.shape, v.scalarType)
        q.scalarType == .float32
            ? heads.backward(Float.self, o, logSumExp, dy, dq, dk, dv)
            : heads.backward(Double.self, o, logSumExp, dy, dq, dk, dv)
        into.add(0, dq)
    }
}

/// The same for keys and values that lie head by head, as a cache keeps them so that each head reads its own in one run. It has no
/// derivative: nothing it is given may require one while recording is on.
///
/// - Parameters:
///   - q: [B, T, H, K]
///   - k: [B, G, S, K]; query head h uses key head h / (H / G).
///   - v: [B, G, S, V]
///   - visibility: T rows over S keys. What no row sees is without effect, but between keys that are seen it must be finite.
///   - scale: usually 1 / √K.
/// - Returns: [B, T, H, V], the same bits as from keys and values that lie token by token.
/// - Complexity: 2 (K + V) operations for each visible pair and head. A single query (T = 1) reads each visible key and value once
///   for all the query heads that share them.
public func attention(
    _ q: Tensor, keysByHead k: Tensor, valuesByHead v: Tensor, visibility: Visibility, scale: Double
) -> Tensor {
    precondition(
        q.rank == 4 && k.rank == 4 && v.rank == 4 && q.shape[0] == k.shape[0] && q.shape[3] == k.shape[3]
            && k.shape.dropLast() == v.shape.dropLast() && k.shape[1] > 0 && q.shape[2] % k.shape[1] == 0,
        "attention of q \(q.shape), k by head \(k.shape), v by head \(v.shape)")
    precondition(
        visibility.queryCount == q.shape[1] && visibility.keyCount == k.shape[2],
        "visibility of \(visibility.queryCount) × \(visibility.keyCount) for q \(q.shape), k by head \(k.shape)")
    precondition(!Tensor.records([q, k, v]), "attention to a cache cannot be derived")
    let heads = AttentionHeads(q: q, k: k, v: v, visibility: visibility, scale: scale, isByHead: true)
    let o = Tensor(uninitialized: q.shape.dropLast() + [v.shape[3]], q.scalarType)
    let logSumExp = Tensor(uninitialized: [q.shape[0], q.shape[2], q.shape[1]], q.scalarType)  // [B, H, T]
    q.scalarType == .float32
        ? heads.forward(Float.self, o, logSumExp) : heads.forward(Double.self, o, logSumExp)
    return o
}
