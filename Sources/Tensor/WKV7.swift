/// The generalised delta rule of RWKV-7 (arXiv:2503.14456, equation 17), each head on its own, S [values, keys]:
///
/// S ← S diag(w[t]) − (S κ[t]) (κ[t] ⊙ a[t])ᵀ + v[t] k[t]ᵀ;  y[t] = S r[t]
/// - Parameters: all [B, T, H, N].
///   - receptance: r, what is read.
///   - decay: w, in (0, 1).
///   - key, value: what is written.
///   - removal: κ, of norm 1: whose value is taken out.
///   - rate: a, in (0, 1): how much of it.
/// - Returns: [B, T, H, N]
/// - Complexity: about 10 N operations for each value. For the derivative S is kept at the start of every chunk of 16
///   tokens, N / 16 numbers for each value, and recomputed in between.
public func wkv7(
    receptance: Tensor, decay: Tensor, key: Tensor, value: Tensor, removal: Tensor, rate: Tensor
) -> Tensor {
    let inputs = [receptance, decay, key, value, removal, rate]
    let heads = WKV7Heads(inputs)
    guard Tensor.records(inputs) else { return heads.output(state: heads.freshState(), kept: nil) }
    let kept = heads.memory()
    return heads.output(state: heads.freshState(), kept: kept).recorded(
        fused: inputs,
        reference: {
            Reference.wkv7(
                receptance: $0[0], decay: $0[1], key: $0[2], value: $0[3], removal: $0[4], rate: $0[5])
        }
    ) { dy, into in
        let slopes = inputs.map { Tensor(uninitialized: $0.shape, $0.scalarType) }
        key.scalarType == .float32
            ? heads.backward(Float.self, kept, dy, slopes) : heads.backward(Double.self, kept, dy, slopes)
        for (index, slope) in slopes.enumerated() { into.add(index, slope) }
    }
}

/// The same for tokens that follow on what was read before. Never recorded.
///
/// - Parameter state: Sᵀ [B, H, keys, values] to begin with (zeros at the start of a text); it is replaced by the last one, in place if
///   nobody else holds it.
public func wkv7(
    receptance: Tensor, decay: Tensor, key: Tensor, value: Tensor, removal: Tensor, rate: Tensor, state: inout Tensor
) -> Tensor {
    let heads = WKV7Heads([receptance, decay, key, value, removal, rate])
    precondition(state.shape == heads.stateShape, "state \(state.shape) for keys \(key.shape)")
    if !Tensor.isExclusive(&state) { state = state.copied() }
    return heads.output(state: state, kept: nil)
}

/// The rule for each head of each sequence, a piece of its own both ways.
private struct WKV7Heads {
    let inputs: [Tensor]  // r, w, k, v, κ, a

    init(_ inputs: [Tensor]) {
        precondition(
            inputs[0].rank == 4 && inputs.allSatisfy { $0.shape == inputs[0].shape },
            "wkv7 of \(inputs.map(\.shape))")
        self.inputs = inputs
    }

    /// What the way back needs: S κ of each token, and S at the starts of chunks, [B · H, chunks, N, N].
    struct Memory {
        let removed: Tensor, checkpoints: Tensor
    }

    private var type: ScalarType { inputs[0].scalarType }
    private var batches: Int { inputs[0].shape[0] }
    private var tokens: Int { inputs[0].shape[1] }
    private var heads: Int { inputs[0].shape[2] }
    private var size: Int { inputs[0].shape[3] }
    private var chunkCount: Int {
        let chunk = Int(type == .float32 ? Float.wkv7Chunk() : Double.wkv7Chunk())
        return (tokens + chunk - 1) / chunk
    }

    var stateShape: [Int] { [batches, heads, size, size] }
    func freshState() -> Tensor { .zeros(stateShape, type) }
    func memory() -> Memory {
        Memory(
            removed: Tensor(uninitialized: inputs[0].shape, type),
            checkpoints: Tensor(uninitialized: [batches * heads, chunkCount, size, size], type))
    }

    /// y; `state` is read and overwritten, `kept` filled.
    func output(state: Tensor, kept: Memory?) -> Tensor {
        let y = Tensor(uninitialized: inputs[0].shape, type)
        type == .float32 ? forward(Float.self, y, state, kept) : forward(Double.self, y, state, kept)
        return y
    }

    private func forward<R: Real>(_: R.Type, _ y: Tensor, _ state: Tensor, _ kept: Memory?) {
        let stride = heads * size, square = size * size
        let scratchBytes = Int(R.wkv7Workspace(Int64(size))) * MemoryLayout<R>.size
        Execution.current.parallel(count: batches * heads, scratchBytes: scratchBytes) { piece, scratch in
            let start = piece / heads * tokens * stride + piece % heads * size
            func input(_ index: Int) -> UnsafePointer<R> { inputs[index].input(R.self) + start }
            R.wkv7(
                Int64(tokens), Int64(size), input(0), input(1), input(2), input(3), input(4), input(5), Int64(stride),
                y.pointer(R.self) + start, Int64(stride), state.pointer(R.self) + piece * square,
                kept.map { $0.removed.pointer(R.self) + start },
                kept.map { $0.checkpoints.pointer(R.self) + piece * chunkCount * square },
                scratch.assumingMemoryBound(to: R.self))
        }
    }

    func backward<R: Real>(_: R.Type, _ kept: Memory, _ dy: Tensor, _ slopes: [Tensor]) {
        let stride = heads * size
        let scratchBytes = Int(R.wkv7BackwardWorkspace(Int64(size))) * MemoryLayout<R>.size
        Execution.current.parallel(count: batches * heads, scratchBytes: scratchBytes) { piece, scratch in
            let start = piece / heads * tokens * stride + piece % heads * size
            func input(_ index: Int) -> UnsafePointer<R> { inputs[index].input(R.self) + start }
            func slope(_ index: Int) -> UnsafeMutablePointer<R> { slopes[index].pointer(R.self) + start }
            R.wkv7Backward(
                Int64(tokens), Int64(size), input(0), input(1), input(2), input(3), input(4), input(5), Int64(stride),
                kept.removed.input(R.self) + start,
                kept.checkpoints.input(R.self) + piece * chunkCount * size * size, dy.input(R.self) + start, slope(0),
                slope(1), slope(2), slope(3), slope(4), slope(5), scratch.assumingMemoryBound(to: R.self))
        }
    }
}
