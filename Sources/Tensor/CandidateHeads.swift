/// Candidate attention cut into pieces: one head of one sequence each, so that sums over candidates add up in order.
struct CandidateHeads {
    let q: Tensor, ownKey: Tensor, ownValue: Tensor
    let keys: Tensor, values: Tensor
    /// Keys that the first candidate sees.
    let visible: Int
    let scale: Double

    private var tokens: Int { q.shape[1] }
    private var heads: Int { q.shape[2] }
    private var width: Int { q.shape[3] }

    /// o [B, T, H, K]
    func output() -> Tensor {
        let o = Tensor(uninitialized: q.shape, q.scalarType)
        q.scalarType == .float32 ? output(Float.self, o) : output(Double.self, o)
        return o
    }

    private func output<R: Real>(_: R.Type, _ o: Tensor) {
        eachBlock(R.self, matrices: 1) { block in block.output(block.at(o)) }
    }

    /// Derivatives with respect to q, own keys and own values [3, B, T, H, K]; those of keys and values are added to `context`, if
    /// that is not empty.
    func slopes(_ dy: Tensor, addingTo context: [Tensor]) -> Tensor {
        let slopes = Tensor(uninitialized: [3] + q.shape, q.scalarType)
        q.scalarType == .float32
            ? self.slopes(Float.self, dy, slopes, context) : self.slopes(Double.self, dy, slopes, context)
        return slopes
    }

    private func slopes<R: Real>(_: R.Type, _ dy: Tensor, _ slopes: Tensor, _ context: [Tensor]) {
        eachBlock(R.self, matrices: 2) { block in
            let own = (0..<3).map { block.at(slopes, part: $0 * q.count) }
            block.slopes(block.at(dy), own)
            if context.count == 2 { block.addContextSlopes(block.at(dy), block.context(context[0]), block.context(context[1])) }
        }
    }

    /// Of ⟨`upstream`, slopes⟩, with `upstream` [3, B, T, H, K]: the derivatives with respect to dy, q, own keys, own values and, if
    /// `ofContext`, keys and values.
    func secondSlopes(_ dy: Tensor, _ upstream: Tensor, ofContext: Bool) -> [Tensor] {
        let own = (0..<4).map { _ in Tensor(uninitialized: q.shape, q.scalarType) }
        let context = ofContext ? [Tensor.zeros(keys.shape, q.scalarType), .zeros(keys.shape, q.scalarType)] : []
        q.scalarType == .float32
            ? secondSlopes(Float.self, dy, upstream, own, context) : secondSlopes(Double.self, dy, upstream, own, context)
        return own + context
    }

    private func secondSlopes<R: Real>(
        _: R.Type, _ dy: Tensor, _ upstream: Tensor, _ own: [Tensor], _ context: [Tensor]
    ) {
        eachBlock(R.self, matrices: 4) { block in
            let given = (0..<3).map { block.at(upstream, part: $0 * q.count) }
            block.secondSlopes(
                block.at(dy), given, own.map { block.at($0) }, context.map { block.context($0) })
        }
    }

    /// Runs `body` on blocks of candidates, those of one head of one sequence in order and by one thread.
    ///
    /// - Parameter matrices: scratch matrices [block, S + 1] that `body` needs.
    private func eachBlock<R: Real>(_: R.Type, matrices: Int, _ body: (CandidateBlock<R>) -> Void) {
        let size = Swift.min(CandidateBlock<R>.rows, tokens)
        let stride = visible + tokens
        let scratch = CandidateBlock<R>.scratchCount(rows: size, stride: stride, matrices: matrices) * MemoryLayout<R>.size
        Execution.current.parallel(count: q.shape[0] * heads, scratchBytes: scratch) { piece, scratch in
            let (sequence, head) = piece.quotientAndRemainder(dividingBy: heads)
            for first in Swift.stride(from: 0, to: tokens, by: size) {
                let start = ((sequence * tokens + first) * heads + head) * width
                let startOfKeys = (sequence * keys.shape[1] * heads + head) * width
                body(
                    CandidateBlock(
                        count: Swift.min(size, tokens - first), width: width, step: heads * width, seen: visible + first,
                        scale: R(scale), q: q.input(R.self) + start, ownKey: ownKey.input(R.self) + start,
                        ownValue: ownValue.input(R.self) + start, keys: keys.input(R.self) + startOfKeys,
                        values: values.input(R.self) + startOfKeys, start: start, startOfKeys: startOfKeys, stride: stride,
                        scratch: scratch.assumingMemoryBound(to: R.self)))
            }
        }
    }
}
