/// The recurrence of Mamba-2 (arXiv:2405.21060), one decay for each head and token:
///
/// S[h] ← decay[t, h] S[h] + step[t, h] x[t, h] b[t]ᵀ;  y[t, h] = S[h] c[t] + skip[h] x[t, h], with S[h] of P × N.
/// A decay may be negative or 0.
/// - Parameters:
///   - x: [B, T, H, P]
///   - step, decay: [B, T, H]
///   - b, c: [B, T, G, N]; G divides H, head h uses group h / (H / G).
///   - skip: [H]
/// - Returns: [B, T, H, P]
/// - Complexity: in chunks of Q = 64 tokens by matrix products, about 2 Q (N G / H + P) + 4 N P operations for each token and head; memory
///   linear in T. For the derivative the states at the starts of chunks are made again.
public func stateSpaceDuality(
    _ x: Tensor, step: Tensor, decay: Tensor, b: Tensor, c: Tensor, skip: Tensor
) -> Tensor {
    let duality = StateSpaceDuality(x: x, step: step, decay: decay, b: b, c: c, skip: skip)
    let y = duality.output(after: nil)
    return y.recorded(
        fused: [x, step, decay, b, c, skip],
        reference: {
            Reference.stateSpaceDuality($0[0], step: $0[1], decay: $0[2], b: $0[3], c: $0[4], skip: $0[5])
        }
    ) { dy, into in
        let slopes = duality.gradients(dy)
        for (index, slope) in slopes.dropLast().enumerated() { into.add(index, slope) }
        into.add(5, slopes[5].sum(axis: 0))
    }
}

/// The same for `x` that follows on what was read before. Never recorded.
///
/// - Parameter state: S [B, H, P, N] to begin with (zeros at the start of a text); it is replaced by the last one, in place if nobody
///   else holds it.
public func stateSpaceDuality(
    _ x: Tensor, step: Tensor, decay: Tensor, b: Tensor, c: Tensor, skip: Tensor, state: inout Tensor
) -> Tensor {
    let duality = StateSpaceDuality(x: x, step: step, decay: decay, b: b, c: c, skip: skip)
    precondition(
        state.shape == [x.shape[0], x.shape[2], x.shape[3], b.shape[3]], "state \(state.shape) for x \(x.shape), b \(b.shape)")
    if !Tensor.isExclusive(&state) { state = state.copied() }
    return duality.output(after: state)
}

/// The work cut into sequences and groups of heads, and forward into parts of groups where that gives too few pieces.
private struct StateSpaceDuality {
    let x: Tensor, step: Tensor, decay: Tensor, b: Tensor, c: Tensor, skip: Tensor

    init(x: Tensor, step: Tensor, decay: Tensor, b: Tensor, c: Tensor, skip: Tensor) {
        precondition(
            x.rank == 4 && b.rank == 4 && step.shape == Array(x.shape.dropLast()) && decay.shape == step.shape
                && c.shape == b.shape && b.shape[..<2] == x.shape[..<2] && skip.shape == [x.shape[2]]
                && x.shape[2] % Swift.max(1, b.shape[2]) == 0,
            "duality of x \(x.shape), step \(step.shape), decay \(decay.shape), b \(b.shape), c \(c.shape), skip \(skip.shape)")
        (self.x, self.step, self.decay, self.b, self.c, self.skip) = (x, step, decay, b, c, skip)
    }

    private var batches: Int { x.shape[0] }
    private var tokens: Int { x.shape[1] }
    private var heads: Int { x.shape[2] }
    private var width: Int { x.shape[3] }
    private var groups: Int { b.shape[2] }
    private var states: Int { b.shape[3] }
    /// Fewer tokens than this pass one by one.
    private var fewTokens: Int { 6 }

    func output(after state: Tensor?) -> Tensor {
        let y = Tensor(uninitialized: x.shape, x.scalarType)
        guard x.count > 0 else { return y }
        x.scalarType == .float32 ? forward(Float.self, y, state) : forward(Double.self, y, state)
        return y
    }

    private func forward<R: StateSpaceReal>(_: R.Type, _ y: Tensor, _ state: Tensor?) {
        let shared = heads / groups
        let parts = min(shared, (3 + batches * groups) / (batches * groups))
        let part = (shared + parts - 1) / parts
        let size = width * states
        let scratch = Int(R.dualityWorkspace(Int64(width), Int64(states)))
        let bytes = (scratch + (state == nil ? part * size : 0)) * MemoryLayout<R>.size
        Execution.current.parallel(count: batches * groups * parts, scratchBytes: bytes) { piece, scratchMemory in
            let (sequence, place) = (piece / (groups * parts), piece % (groups * parts))
            let group = place / parts
            let first = place % parts * part
            guard first < shared else { return }
            let count = min(part, shared - first), head = group * shared + first
            let values = (sequence * tokens * heads + head) * width, steps = sequence * tokens * heads + head
            let inputs = (sequence * tokens * groups + group) * states
            let workspace = scratchMemory.assumingMemoryBound(to: R.self)
            let held = state.map { $0.pointer(R.self) + (sequence * heads + head) * size } ?? workspace + scratch
            let (row, wide, narrow) = (Int64(heads * width), Int64(groups * states), Int64(heads))
            if state != nil, tokens < fewTokens {
                R.dualityRecurrence(
                    Int64(tokens), Int64(count), Int64(width), Int64(states), x.input(R.self) + values, row,
                    step.input(R.self) + steps, decay.input(R.self) + steps, narrow, b.input(R.self) + inputs, wide,
                    c.input(R.self) + inputs, wide, skip.input(R.self) + head, y.pointer(R.self) + values, row, held)
            } else {
                R.duality(
                    Int64(tokens), Int64(count), Int64(width), Int64(states), x.input(R.self) + values, row,
                    step.input(R.self) + steps, decay.input(R.self) + steps, narrow, b.input(R.self) + inputs, wide,
                    c.input(R.self) + inputs, wide, skip.input(R.self) + head, y.pointer(R.self) + values, row, held,
                    state == nil ? 1 : 0, workspace)
            }
        }
    }

    /// Gradients of x, step, decay, b, c, and of skip for each sequence [B, H].
    func gradients(_ dy: Tensor) -> [Tensor] {
        let shapes = [x.shape, step.shape, decay.shape, b.shape, c.shape, [batches, heads]]
        let slopes = shapes.map { Tensor(uninitialized: $0, x.scalarType) }
        guard x.count > 0 else { return slopes }
        x.scalarType == .float32 ? backward(Float.self, dy, slopes) : backward(Double.self, dy, slopes)
        return slopes
    }

    private func backward<R: StateSpaceReal>(_: R.Type, _ dy: Tensor, _ d: [Tensor]) {
        let shared = heads / groups
        let bytes =
            Int(R.dualityBackwardWorkspace(Int64(tokens), Int64(width), Int64(states))) * MemoryLayout<R>.size
        Execution.current.parallel(count: batches * groups, scratchBytes: bytes) { piece, scratch in
            let (sequence, group) = (piece / groups, piece % groups)
            let head = group * shared
            let values = (sequence * tokens * heads + head) * width, steps = sequence * tokens * heads + head
            let inputs = (sequence * tokens * groups + group) * states
            let (row, wide) = (Int64(heads * width), Int64(groups * states))
            R.dualityBackward(
                Int64(tokens), Int64(shared), Int64(width), Int64(states), x.input(R.self) + values, row,
                step.input(R.self) + steps, decay.input(R.self) + steps, Int64(heads), b.input(R.self) + inputs, wide,
                c.input(R.self) + inputs, wide, skip.input(R.self) + head, dy.input(R.self) + values, row,
                d[0].pointer(R.self) + values, row, d[1].pointer(R.self) + steps, d[2].pointer(R.self) + steps,
                d[3].pointer(R.self) + inputs, wide, d[4].pointer(R.self) + inputs, wide,
                d[5].pointer(R.self) + sequence * heads + head, scratch.assumingMemoryBound(to: R.self))
        }
    }
}
