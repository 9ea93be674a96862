/// A single chunk of `fastWeights` by the rule of Titans, from weights and momentum that are inputs like others, to weights and momentum that
/// are results like others: for models in which what a chunk learns depends on what was read from the one before.
///
/// - Parameters:
///   - q, k, v: [B, T, H, K], T at most `network.chunk`.
///   - weights, momentum: [B, H, M]
///   - rule: `.momentum`.
/// - Returns: what each token reads [B, T, H, K], and the weights and the momentum [B, H, M] after the last.
/// - Complexity: as `fastWeights`, and a copy of weights and momentum.
public func fastWeights(
    _ network: FastNetwork, _ q: Tensor, _ k: Tensor, _ v: Tensor, from weights: Tensor, _ momentum: Tensor, rule: FastRule
) -> (output: Tensor, weights: Tensor, momentum: Tensor) {
    let heads = FastHeads(network, q, k, v, norm: nil, rule: rule)
    let shape = [q.shape[0], q.shape[2], network.weightCount]
    precondition(
        weights.shape == shape && momentum.shape == shape && !rule.hasPlaces && q.shape[1] <= network.chunk,
        "a segment of \(q.shape) from weights \(weights.shape) and momentum \(momentum.shape)")
    // One flat tensor holds the three results, so that they are one vertex of the graph.
    let (read, learned) = (q.count, weights.count)
    let inputs = [q, k, v, weights, rule.rate] + rule.others + [momentum]
    let flat = heads.segment(weights, momentum).recorded(
        fused: inputs,
        reference: { x in
            let found = Reference.fastWeights(
                network, x[0], x[1], x[2], from: (x[3], x[7]), norm: nil, rule: rule.with(x[4], [x[5], x[6]]))
            return concatenate([found.output, found.weights, found.momentum].map { $0.reshaped([$0.count]) }, axis: 0)
        }
    ) { dy, into in
        let segment = FastHeads.Segment(
            weights: weights, momentum: momentum,
            dweights: dy.view(shape, count: learned, elementOffset: read),
            dmomentum: dy.view(shape, count: learned, elementOffset: read + learned))
        let results = heads.backward(weights, dy.view(q.shape, count: read), segment: segment)
        for (index, result) in results.enumerated() { into.add(index, result) }
    }
    func part(_ begin: Int, _ shape: [Int]) -> Tensor {
        flat.sliced(axis: 0, begin..<begin + shape.reduce(1, *)).reshaped(shape)
    }
    return (part(0, q.shape), part(read, shape), part(read + learned, shape))
}

extension FastHeads {
    /// What is read, the weights and the momentum afterwards, one after the other.
    fileprivate func segment(_ weights: Tensor, _ momentum: Tensor) -> Tensor {
        let flat = Tensor(uninitialized: [q.count + 2 * weights.count], q.scalarType)
        q.scalarType == .float32
            ? segment(Float.self, weights, momentum, flat) : segment(Double.self, weights, momentum, flat)
        return flat
    }

    private func segment<R: Real>(_: R.Type, _ weights: Tensor, _ momentum: Tensor, _ flat: Tensor) {
        let count = network.weightCount, shape = network.kernelShape
        let workspace = withUnsafePointer(to: shape) { Int(R.fastWeightsWorkspace($0)) }
        let o = flat.view(q.shape, count: q.count)
        Execution.current.parallel(count: batches * heads, scratchBytes: workspace * MemoryLayout<R>.size) { piece, scratch in
            let w = flat.pointer(R.self) + q.count + piece * count
            let s = w + weights.count
            w.update(from: weights.input(R.self) + piece * count, count: count)
            s.update(from: momentum.input(R.self) + piece * count, count: count)
            run(R.self, shape, piece, 0, o, nil, w, s, false, nil, nil, scratch.assumingMemoryBound(to: R.self))
        }
    }
}
