public import Tensor

extension SelfAttention {
    /// Entropy of the attention weights of each head over x [B, T, D] from the beginning of the text, in nats, mean over rows and
    /// queries: [H]. Not for training: the weights are made one after the other. Throws `.cancelled` when the host wants it.
    ///
    /// - Complexity: O(B · H · T² · K); memory O(T · S) for the S keys that a block of 256 queries sees.
    public func entropy(_ x: Tensor) throws -> Tensor {
        let (q, k, _) = project(x, position: 0)
        let (rows, length) = (x.extent(0), x.extent(1))
        var sums = [Double](repeating: 0, count: shape.heads)
        for start in stride(from: 0, to: length, by: longestBlock) {
            let queries = start ..< min(start + longestBlock, length)
            let first = shape.window.map { max(0, start + 1 - $0) } ?? 0
            let keys = first ..< queries.upperBound
            let wall = hidden(queries, keys, x.scalarType)  // [t, S]
            for row in 0 ..< rows {
                try checkCancellation()
                for head in 0 ..< shape.heads {
                    let group = head / (shape.heads / shape.keyValueHeads)
                    let scores =
                        matmul(part(q, row, queries, head), part(k, row, keys, group), transposeB: true) * scale + wall
                    let logs = scores.logSoftmax()
                    sums[head] -= (logs.exp() * logs).sum().item
                }
            }
        }
        return Tensor(sums.map { $0 / Double(rows * length) }, shape: [shape.heads], type: x.scalarType)
    }

    /// [B, T, heads, K] → [t, K]
    private func part(_ x: Tensor, _ row: Int, _ positions: Range<Int>, _ head: Int) -> Tensor {
        x.sliced(axis: 0, row ..< row + 1).sliced(axis: 1, positions).sliced(axis: 2, head ..< head + 1)
            .reshaped([positions.count, shape.headWidth])
    }

    /// 0 where a query sees a key, far below any score elsewhere: finite, so that 0 · wall is 0.
    private func hidden(_ queries: Range<Int>, _ keys: Range<Int>, _ type: ScalarType) -> Tensor {
        let window = shape.window ?? .max
        let values = queries.flatMap { query in
            keys.map { key -> Double in key <= query && query - key < window ? 0 : -1e9 }
        }
        return Tensor(values, shape: [queries.count, keys.count], type: type)
    }
}

/// Queries whose weights exist at a time.
private let longestBlock = 256
