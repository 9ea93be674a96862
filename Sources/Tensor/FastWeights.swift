/// A network for each head whose weights are learned while the text is read: token t reads o_t = q_t + N(network(q_t)) with the weights
/// after tokens 0 … t were learned, each by one step of `rule` on its loss lossFactor/2 · ‖k + N(network(k)) − v‖².
///
/// - Parameters:
///   - network: layers, and the number of tokens whose gradients are taken at the same weights.
///   - q, k, v: [B, T, H, K]
///   - weights: [H, M], with which every sequence begins: for each layer [rows, columns], one after the other.
///   - norm: weight and bias [H, K] of N; nil: N is nothing.
///   - rule: how gradients become weights.
/// - Returns: [B, T, H, K]
/// - Complexity: about 6 M + 4 M operations for each token and head and C · Σ (rows + columns) more within chunks of C tokens, in
///   products of small matrices. For the derivative, W (and S) are kept at the start of every chunk: M T / C numbers for each
///   sequence and head; the inside of the chunk is computed again.
public func fastWeights(
    _ network: FastNetwork, _ q: Tensor, _ k: Tensor, _ v: Tensor, weights: Tensor, norm: (weight: Tensor, bias: Tensor)?,
    rule: FastRule
) -> Tensor {
    let heads = FastHeads(network, q, k, v, norm: norm, rule: rule)
    precondition(weights.shape == [q.shape[2], network.weightCount], "weights \(weights.shape) for \(network), q \(q.shape)")
    let inputs = [q, k, v, weights] + (norm.map { [$0.weight, $0.bias] } ?? []) + [rule.rate] + rule.others
    guard Tensor.records(inputs) else { return heads.output(initial: weights, checkpoints: nil) }
    let checkpoints = heads.checkpoints()
    return heads.output(initial: weights, checkpoints: checkpoints).recorded(
        fused: inputs,
        reference: { x in
            let gates = norm == nil ? 4 : 6
            return Reference.fastWeights(
                network, x[0], x[1], x[2], weights: x[3], norm: norm == nil ? nil : (x[4], x[5]),
                rule: rule.with(x[gates], Array(x[(gates + 1)...])))
        }
    ) { dy, into in
        let results = heads.backward(checkpoints, dy)
        for (index, result) in results.enumerated() { into.add(index, result) }
    }
}

/// The same for tokens that follow on those that made `state`. Never recorded.
///
/// - Parameters:
///   - position: tokens read before.
///   - state: replaced by the last one, in place where nobody else holds it.
///   - wantsSurprise: without a norm, also give the squared error of each token's prediction before it was learned, at the weights that
///     gradients are taken at.
/// - Returns: [B, T, H, K], and [B, T, H] if wanted.
public func fastWeights(
    _ network: FastNetwork, _ q: Tensor, _ k: Tensor, _ v: Tensor, norm: (weight: Tensor, bias: Tensor)?, rule: FastRule,
    position: Int, state: inout FastWeightsState, wantsSurprise: Bool = false
) -> (output: Tensor, surprise: Tensor?) {
    let heads = FastHeads(network, q, k, v, norm: norm, rule: rule)
    let shape = [q.shape[0], q.shape[2], network.weightCount]
    precondition(state.weights.shape == shape && state.momentum.shape == shape, "state \(state.weights.shape), not \(shape)")
    if !Tensor.isExclusive(&state.weights) { state.weights = state.weights.copied() }
    if !Tensor.isExclusive(&state.momentum) { state.momentum = state.momentum.copied() }
    if var origin = state.origin {
        state.origin = nil
        if !Tensor.isExclusive(&origin) { origin = origin.copied() }
        state.origin = origin
    }
    let surprise = wantsSurprise ? Tensor(uninitialized: rule.rate.shape, q.scalarType) : nil
    return (heads.output(position: position, state: state, surprise: surprise), surprise)
}
