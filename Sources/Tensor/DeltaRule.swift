/// The gated delta rule (arXiv:2412.06464, equation 10; without g arXiv:2406.06484), a matrix S [K, V] for each head that each token
/// corrects towards its value at its key:
///
/// S ← eᵍ S;  S ← S + β k (v − Sᵀ k)ᵀ;  o = scale · Sᵀ q
/// - Parameters:
///   - q, k: [B, T, G, K]; the rule keeps S bounded for β ‖k‖² from 0 to 2.
///   - v: [B, T, H, V]; head h uses query and key h / (H / G), so G divides H.
///   - beta: [B, T, H], how much of the error is corrected.
///   - logDecay: g [B, T, H], at most 0; nil: nothing is forgotten.
///   - scale: usually 1 / √K.
/// - Returns: [B, T, H, V]
/// - Complexity: about 6 K V + 2 C (2 K + V) operations for each token and head, in products of small matrices over chunks of C tokens. For
///   the derivative S is kept at the start of every chunk, and the inside of the chunk computed again.
public func deltaRule(
    _ q: Tensor, _ k: Tensor, _ v: Tensor, beta: Tensor, logDecay: Tensor? = nil, scale: Double
) -> Tensor {
    let heads = DeltaRuleHeads(q: q, k: k, v: v, beta: beta, logDecay: logDecay, scale: scale)
    let arguments = OptionalInputs(q, k, v, beta, logDecay)
    guard Tensor.records(arguments.inputs) else { return heads.output(state: nil, checkpoints: nil) }
    let checkpoints = heads.checkpoints()
    return heads.output(state: nil, checkpoints: checkpoints).recorded(
        fused: arguments.inputs,
        reference: {
            Reference.deltaRule($0[0], $0[1], $0[2], beta: $0[3], logDecay: arguments.pick(4, $0), scale: scale)
        }
    ) { dy, into in
        let results = DeltaRuleHeads.Results(
            dq: into.accumulator(0, shape: q.shape, q.scalarType) ?? .zeros(q.shape, q.scalarType),
            dk: into.accumulator(1, shape: k.shape, k.scalarType) ?? .zeros(k.shape, k.scalarType),
            dv: Tensor(uninitialized: v.shape, v.scalarType), dbeta: Tensor(uninitialized: beta.shape, v.scalarType),
            dlogDecay: logDecay.map { Tensor(uninitialized: $0.shape, v.scalarType) })
        q.scalarType == .float32
            ? heads.backward(Float.self, checkpoints, dy, results) : heads.backward(Double.self, checkpoints, dy, results)
        into.add(2, results.dv)
        into.add(3, results.dbeta)
        if let dlogDecay = results.dlogDecay { into.add(4, dlogDecay) }
    }
}

/// The same for tokens that follow on those that made `state`. Never recorded.
///
/// - Parameter state: S [B, H, K, V] to begin with (zeros at the start of a text); it is replaced by the last one, in place if nobody
///   else holds it.
public func deltaRule(
    _ q: Tensor, _ k: Tensor, _ v: Tensor, beta: Tensor, logDecay: Tensor? = nil, scale: Double, state: inout Tensor
) -> Tensor {
    let heads = DeltaRuleHeads(q: q, k: k, v: v, beta: beta, logDecay: logDecay, scale: scale)
    precondition(
        state.shape == [v.shape[0], v.shape[2], q.shape[3], v.shape[3]], "state \(state.shape) for q \(q.shape), v \(v.shape)")
    if !Tensor.isExclusive(&state) { state = state.copied() }
    return heads.output(state: state, checkpoints: nil)
}

/// The rule cut into one piece for each sequence and key head, which takes the heads that share the key in turn.
private struct DeltaRuleHeads {
    let q: Tensor, k: Tensor, v: Tensor, beta: Tensor, logDecay: Tensor?
    let scale: Double

    init(q: Tensor, k: Tensor, v: Tensor, beta: Tensor, logDecay: Tensor?, scale: Double) {
        precondition(
            q.rank == 4 && q.shape == k.shape && v.rank == 4 && v.shape[..<2] == q.shape[..<2] && q.shape[2] > 0
                && v.shape[2] % q.shape[2] == 0 && beta.shape == Array(v.shape.dropLast())
                && (logDecay == nil || logDecay?.shape == beta.shape),
            "delta rule of q \(q.shape), k \(k.shape), v \(v.shape), beta \(beta.shape), g \(logDecay?.shape ?? [])")
        (self.q, self.k, self.v, self.beta, self.logDecay, self.scale) = (q, k, v, beta, logDecay, scale)
    }

    struct Results {
        let dq: Tensor, dk: Tensor, dv: Tensor, dbeta: Tensor, dlogDecay: Tensor?
    }

    private var batches: Int { q.shape[0] }
    private var tokens: Int { q.shape[1] }
    private var keyHeads: Int { q.shape[2] }
    private var keyWidth: Int { q.shape[3] }
    private var heads: Int { v.shape[2] }
    private var valueWidth: Int { v.shape[3] }
    private var shared: Int { heads / keyHeads }
    private var chunkCount: Int {
        let chunk = Int(q.scalarType == .float32 ? Float.deltaRuleChunk() : Double.deltaRuleChunk())
        return (tokens + chunk - 1) / chunk
    }

    /// S at the starts of chunks: for each sequence and head [chunks, K, V].
    func checkpoints() -> Tensor { Tensor(uninitialized: [batches, heads, chunkCount, keyWidth, valueWidth], q.scalarType) }

    /// o; `state` is read and overwritten, `checkpoints` filled.
    func output(state: Tensor?, checkpoints: Tensor?) -> Tensor {
        let o = Tensor(uninitialized: v.shape, v.scalarType)
        q.scalarType == .float32
            ? forward(Float.self, o, state, checkpoints) : forward(Double.self, o, state, checkpoints)
        return o
    }

    /// Where head `head` of sequence `batch` begins in queries, in values and in gates.
    private func starts(_ batch: Int, _ head: Int) -> (key: Int, value: Int, gate: Int) {
        (
            (batch * tokens * keyHeads + head / shared) * keyWidth, (batch * tokens * heads + head) * valueWidth,
            batch * tokens * heads + head
        )
    }

    private func forward<R: Real>(_: R.Type, _ o: Tensor, _ state: Tensor?, _ checkpoints: Tensor?) {
        let size = keyWidth * valueWidth, chunkCount = self.chunkCount
        let workspace = Int(R.deltaRuleWorkspace(Int64(keyWidth), Int64(valueWidth)))
        let scratchBytes = (workspace + size) * MemoryLayout<R>.size
        let (keyStride, valueStride) = (Int64(keyHeads * keyWidth), Int64(heads * valueWidth))
        Execution.current.parallel(count: batches * heads, scratchBytes: scratchBytes) { piece, scratch in
            let (batch, head) = piece.quotientAndRemainder(dividingBy: heads)
            let start = starts(batch, head)
            let memory = scratch.assumingMemoryBound(to: R.self)
            let matrix: UnsafeMutablePointer<R>
            if let state {
                matrix = state.pointer(R.self) + piece * size
            } else {
                matrix = memory + workspace
                R.fill(Int64(size), 0, matrix)
            }
            R.deltaRule(
                Int64(tokens), Int64(keyWidth), Int64(valueWidth), R(scale), q.input(R.self) + start.key, keyStride,
                k.input(R.self) + start.key, keyStride, v.input(R.self) + start.value, valueStride,
                beta.input(R.self) + start.gate, logDecay.map { $0.input(R.self) + start.gate }, Int64(heads),
                o.pointer(R.self) + start.value, valueStride, matrix,
                checkpoints.map { $0.pointer(R.self) + piece * chunkCount * size }, memory)
        }
    }

    func backward<R: Real>(_: R.Type, _ checkpoints: Tensor, _ dy: Tensor, _ results: Results) {
        let size = keyWidth * valueWidth, chunkCount = self.chunkCount
        let workspace = Int(R.deltaRuleBackwardWorkspace(Int64(keyWidth), Int64(valueWidth)))
        let scratchBytes = workspace * MemoryLayout<R>.size
        let (keyStride, valueStride) = (Int64(keyHeads * keyWidth), Int64(heads * valueWidth))
        Execution.current.parallel(count: batches * keyHeads, scratchBytes: scratchBytes) { piece, scratch in
            let (batch, keyHead) = piece.quotientAndRemainder(dividingBy: keyHeads)
            for head in keyHead * shared..<(keyHead + 1) * shared {
                let start = starts(batch, head)
                R.deltaRuleBackward(
                    Int64(tokens), Int64(keyWidth), Int64(valueWidth), R(scale), q.input(R.self) + start.key, keyStride,
                    k.input(R.self) + start.key, keyStride, v.input(R.self) + start.value, valueStride,
                    beta.input(R.self) + start.gate, logDecay.map { $0.input(R.self) + start.gate }, Int64(heads),
                    checkpoints.input(R.self) + (batch * heads + head) * chunkCount * size,
                    dy.input(R.self) + start.value, valueStride, results.dq.pointer(R.self) + start.key, keyStride,
                    results.dk.pointer(R.self) + start.key, keyStride, results.dv.pointer(R.self) + start.value,
                    valueStride, results.dbeta.pointer(R.self) + start.gate,
                    results.dlogDecay.map { $0.pointer(R.self) + start.gate }, Int64(heads),
                    scratch.assumingMemoryBound(to: R.self))
            }
        }
    }
}
