internal import Kernels

/// The work cut into one piece for each sequence and head.
struct FastHeads {
    let network: FastNetwork
    let q: Tensor, k: Tensor, v: Tensor
    let norm: (weight: Tensor, bias: Tensor)?
    let rule: FastRule

    init(_ network: FastNetwork, _ q: Tensor, _ k: Tensor, _ v: Tensor, norm: (weight: Tensor, bias: Tensor)?, rule: FastRule) {
        let gates = Array(q.shape.dropLast())
        precondition(
            q.rank == 4 && k.shape == q.shape && v.shape == q.shape && q.shape[3] == network.widths[0]
                && rule.rate.shape == gates
                && rule.others.allSatisfy { $0.shape == (rule.hasPlaces ? [network.chunk] : gates) }
                && (norm == nil || norm?.weight.shape == Array(q.shape[2...]) && norm?.bias.shape == norm?.weight.shape),
            "fast weights of q \(q.shape), k \(k.shape), v \(v.shape), rate \(rule.rate.shape) for \(network)")
        (self.network, self.q, self.k, self.v, self.norm, self.rule) = (network, q, k, v, norm, rule)
    }

    var batches: Int { q.shape[0] }
    var tokens: Int { q.shape[1] }
    var heads: Int { q.shape[2] }
    private var width: Int { q.shape[3] }
    private var chunkCount: Int { (tokens + network.chunk - 1) / network.chunk }
    private var savedInChunk: Int { network.weightCount * (rule.hasPlaces ? 1 : 2) }

    /// W, and for Titans S, at the starts of chunks.
    func checkpoints() -> Tensor { Tensor(uninitialized: [batches, heads, chunkCount, savedInChunk], q.scalarType) }

    func output(initial: Tensor, checkpoints: Tensor?) -> Tensor {
        let o = Tensor(uninitialized: q.shape, q.scalarType)
        q.scalarType == .float32
            ? forward(Float.self, o, initial, checkpoints) : forward(Double.self, o, initial, checkpoints)
        return o
    }

    func output(position: Int, state: FastWeightsState, surprise: Tensor?) -> Tensor {
        let o = Tensor(uninitialized: q.shape, q.scalarType)
        q.scalarType == .float32
            ? forward(Float.self, o, position, state, surprise) : forward(Double.self, o, position, state, surprise)
        return o
    }

    /// Where sequence `batch` of head `head` begins in vectors and in gates.
    func starts(_ piece: Int) -> (vector: Int, gate: Int, head: Int) {
        let (batch, head) = piece.quotientAndRemainder(dividingBy: heads)
        let gate = batch * tokens * heads + head
        return (gate * width, gate, head)
    }

    private func forward<R: Real>(_: R.Type, _ o: Tensor, _ initial: Tensor, _ checkpoints: Tensor?) {
        let count = network.weightCount, shape = network.kernelShape
        let workspace = withUnsafePointer(to: shape) { Int(R.fastWeightsWorkspace($0)) }
        Execution.current.parallel(
            count: batches * heads, scratchBytes: (workspace + 2 * count) * MemoryLayout<R>.size
        ) { piece, scratch in
            let memory = scratch.assumingMemoryBound(to: R.self)
            let weights = memory + workspace
            weights.update(from: initial.input(R.self) + starts(piece).head * count, count: count)
            run(R.self, shape, piece, 0, o, nil, weights, weights + count, true,
                checkpoints.map { $0.pointer(R.self) + piece * chunkCount * savedInChunk }, nil, memory)
        }
    }

    private func forward<R: Real>(
        _: R.Type, _ o: Tensor, _ position: Int, _ state: FastWeightsState, _ surprise: Tensor?
    ) {
        let count = network.weightCount, shape = network.kernelShape
        let workspace = withUnsafePointer(to: shape) { Int(R.fastWeightsWorkspace($0)) }
        Execution.current.parallel(count: batches * heads, scratchBytes: workspace * MemoryLayout<R>.size) { piece, scratch in
            run(
                R.self, shape, piece, position % network.chunk, o, state.origin.map { $0.pointer(R.self) + piece * count },
                state.weights.pointer(R.self) + piece * count, state.momentum.pointer(R.self) + piece * count, false, nil,
                surprise.map { $0.pointer(R.self) + starts(piece).gate }, scratch.assumingMemoryBound(to: R.self))
        }
    }

    /// The kernel on one piece: see its declaration.
    func run<R: Real>(
        _: R.Type, _ shape: zk_fast_weights, _ piece: Int, _ offset: Int, _ o: Tensor, _ origin: R.Out?, _ weights: R.Out,
        _ momentum: R.Out, _ begins: Bool, _ checkpoints: R.Out?, _ surprise: R.Out?, _ workspace: R.Out
    ) {
        let start = starts(piece), others = rule.others
        func gate(_ index: Int) -> R.In? { rule.hasPlaces ? nil : others[index].input(R.self) + start.gate }
        withUnsafePointer(to: shape) { shape in
            R.fastWeights(
                shape, Int64(tokens), Int64(offset), q.input(R.self) + start.vector, k.input(R.self) + start.vector,
                v.input(R.self) + start.vector, Int64(heads * width), rule.rate.input(R.self) + start.gate, gate(0), gate(1),
                Int64(heads), rule.hasPlaces ? others[0].input(R.self) : nil,
                norm.map { $0.weight.input(R.self) + start.head * width },
                norm.map { $0.bias.input(R.self) + start.head * width }, o.pointer(R.self) + start.vector, origin, weights,
                momentum, begins ? 1 : 0, checkpoints, surprise, workspace)
        }
    }

    /// What a segment was given and left: W and S [B, H, M], and the gradients of what it left.
    struct Segment {
        let weights: Tensor, momentum: Tensor
        let dweights: Tensor, dmomentum: Tensor
    }

    /// Gradients of q, k, v, the weights, the norm, the rate and the other gates; of a segment with those of the weights [B, H, M], and
    /// of the momentum at the end.
    func backward(_ checkpoints: Tensor, _ dy: Tensor, segment: Segment? = nil) -> [Tensor] {
        q.scalarType == .float32
            ? backward(Float.self, checkpoints, dy, segment) : backward(Double.self, checkpoints, dy, segment)
    }

    private func backward<R: Real>(_: R.Type, _ checkpoints: Tensor, _ dy: Tensor, _ segment: Segment?) -> [Tensor] {
        let type = q.scalarType, count = network.weightCount, shape = network.kernelShape
        func like(_ x: Tensor) -> Tensor { Tensor(uninitialized: x.shape, type) }
        let (dq, dk, dv, drate) = (like(q), like(k), like(v), like(rule.rate))
        let dweights = Tensor(uninitialized: [batches, heads * count], type)
        let dmomentum = segment.map { like($0.momentum) }
        let dnorm = norm.map { _ in (Tensor.zeros([batches, heads * width], type), Tensor.zeros([batches, heads * width], type)) }
        let dplaces = rule.hasPlaces ? Tensor.zeros([batches * heads, network.chunk], type) : nil
        let dgates = rule.hasPlaces ? [] : rule.others.map(like)
        let workspace = withUnsafePointer(to: shape) { Int(R.fastWeightsBackwardWorkspace($0)) }
        let saved = segment == nil ? 0 : 2 * count
        let scratchBytes = (workspace + saved) * MemoryLayout<R>.size
        Execution.current.parallel(count: batches * heads, scratchBytes: scratchBytes) { piece, scratch in
            let start = starts(piece), others = rule.others
            let memory = scratch.assumingMemoryBound(to: R.self)
            var begins = checkpoints.input(R.self) + piece * chunkCount * savedInChunk
            if let segment {
                let own = memory + workspace
                own.update(from: segment.weights.input(R.self) + piece * count, count: count)
                (own + count).update(from: segment.momentum.input(R.self) + piece * count, count: count)
                begins = UnsafePointer(own)
            }
            func gate(_ index: Int) -> R.In? { rule.hasPlaces ? nil : others[index].input(R.self) + start.gate }
            func slope(_ index: Int) -> R.Out? { rule.hasPlaces ? nil : dgates[index].pointer(R.self) + start.gate }
            withUnsafePointer(to: shape) { shape in
                R.fastWeightsBackward(
                    shape, Int64(tokens), q.input(R.self) + start.vector, k.input(R.self) + start.vector,
                    v.input(R.self) + start.vector, Int64(heads * width), rule.rate.input(R.self) + start.gate, gate(0),
                    gate(1), Int64(heads), rule.hasPlaces ? others[0].input(R.self) : nil,
                    norm.map { $0.weight.input(R.self) + start.head * width },
                    norm.map { $0.bias.input(R.self) + start.head * width },
                    begins, segment == nil ? 1 : 0, dy.input(R.self) + start.vector,
                    segment.map { $0.dweights.input(R.self) + piece * count },
                    segment.map { $0.dmomentum.input(R.self) + piece * count },
                    dq.pointer(R.self) + start.vector, dk.pointer(R.self) + start.vector, dv.pointer(R.self) + start.vector,
                    drate.pointer(R.self) + start.gate, slope(0), slope(1),
                    dplaces.map { $0.pointer(R.self) + piece * network.chunk },
                    dnorm.map { $0.0.pointer(R.self) + piece * width }, dnorm.map { $0.1.pointer(R.self) + piece * width },
                    dweights.pointer(R.self) + piece * count, dmomentum.map { $0.pointer(R.self) + piece * count }, memory)
            }
        }
        /// Sums over sequences, in their order.
        func summed(_ parts: Tensor, _ shape: [Int]) -> Tensor {
            let sum = Tensor.zeros(shape, type)
            addParts(parts, to: sum)
            return sum
        }
        if let segment, let dmomentum {
            return [dq, dk, dv, dweights.view(segment.weights.shape), drate] + dgates + [dmomentum]
        }
        let dnorms = dnorm.map { [summed($0.0, [heads, width]), summed($0.1, [heads, width])] } ?? []
        return [dq, dk, dv, summed(dweights, [heads, count])] + dnorms + [drate]
            + (dplaces.map { [summed($0, [network.chunk])] } ?? dgates)
    }
}
