extension Reference {
    /// See the function `attention`.
    public static func attention(
        _ q: Tensor, _ k: Tensor, _ v: Tensor, visibility: Visibility, scale: Double
    ) -> Tensor {
        let (batch, queries, heads) = (q.shape[0], q.shape[1], q.shape[2])
        let (keys, groups) = (k.shape[1], k.shape[2])
        func perHead(_ x: Tensor) -> Tensor {  // keys or values, once for each query head
            let width = x.shape[3]
            return x.transposed([0, 2, 1, 3])  // [B, G, S, width]
                .reshaped([batch, groups, 1, keys, width])
                .broadcast(to: [batch, groups, heads / groups, keys, width])
                .reshaped([batch, heads, keys, width])
        }
        let seen = (0..<queries).flatMap { row in (0..<keys).map { visibility.sees(row, $0) ? 1.0 : 0 } }
        let blind = (0..<queries).map { row in seen[row * keys..<(row + 1) * keys].contains(1) ? 0.0 : 1 }
        let mask = Tensor(seen, shape: [queries, keys], type: q.scalarType)
        let empty = Tensor(blind, shape: [queries, 1], type: q.scalarType)

        let scores = matmul(q.transposed([0, 2, 1, 3]), perHead(k), transposeB: true) * scale  // [B, H, T, S]
        // The largest visible score of each row: what cannot be seen counts as very low.
        let largest = (scores.stopGradient() * mask + (mask - 1) * 1e30).max(axis: -1, keepingAxis: true)
        let exponentials = ((scores - largest * (1 - empty)) * mask).exp() * mask
        let weights = exponentials / (exponentials.sum(axis: -1, keepingAxis: true) + empty)
        return matmul(weights, perHead(v)).transposed([0, 2, 1, 3])  // [B, T, H, V]
    }
}

extension Reference {
    /// See the function `rotary`.
    public static func rotary(
        _ x: Tensor, _ table: RotaryTable, positions: [Int32], interleaved: Bool = false
    ) -> Tensor {
        let (batch, tokens, heads, pairs) = (x.shape[0], x.shape[1], x.shape[2], table.pairs)
        let rows = positions.count / tokens  // 1, or B
        let cosine = table.cosine.gatherRows(positions).reshaped([rows, tokens, 1, pairs])
        let sine = table.sine.gatherRows(positions).reshaped([rows, tokens, 1, pairs])
        let turning = x.sliced(axis: 3, 0..<2 * pairs)
        // The two members of the pairs: [B, T, H, pairs] each.
        let axis = interleaved ? 4 : 3
        let split = turning.reshaped([batch, tokens, heads] + (interleaved ? [pairs, 2] : [2, pairs]))
        let a = split.sliced(axis: interleaved ? 4 : 3, 0..<1).reshaped([batch, tokens, heads, pairs])
        let b = split.sliced(axis: interleaved ? 4 : 3, 1..<2).reshaped([batch, tokens, heads, pairs])
        let member = [batch, tokens, heads] + (interleaved ? [pairs, 1] : [1, pairs])
        let turned = concatenate(
            [(a * cosine - b * sine).reshaped(member), (b * cosine + a * sine).reshaped(member)], axis: axis
        ).reshaped(turning.shape)
        return concatenate([turned, x.sliced(axis: 3, 2 * pairs..<x.shape[3])], axis: 3)
    }
}
