/// The gradients of a scalar (or, with `seed`, of the inner product of `output` and `seed`) with respect to `inputs`.
///
/// The graph is kept, so it may be derived again. Gradient memory of leaves is not touched.
/// - Parameters:
///   - output: a tensor with one value, or of the seed's shape.
///   - inputs: tensors of the graph: leaves, or values on the way.
///   - seed: gradient of some later scalar with respect to `output`; nil stands for ones.
///   - createGraph: record the derivation, so that the results can be derived in turn.
/// - Returns: one tensor for each input, of its shape; zeros where `output` does not depend on it.
public func gradients(
    of output: Tensor, withRespectTo inputs: [Tensor], seed: Tensor? = nil, createGraph: Bool = false
) -> [Tensor] {
    precondition(seed != nil || output.count == 1, "gradients of a tensor of shape \(output.shape) need a seed")
    let targets = Set(inputs.compactMap { $0.node.map(ObjectIdentifier.init) })
    var found: [ObjectIdentifier: Tensor] = [:]
    Execution.current.recording(createGraph) {
        guard let root = output.node else { return }
        let order = nodes(from: root)
        let relevant = nodes(in: order, leadingTo: { targets.contains(ObjectIdentifier($0)) })
        let context = GradientContext(createsGraph: createGraph, accumulatesIntoLeaves: false, relevant: relevant)
        guard relevant.contains(ObjectIdentifier(root)) else { return }
        context.collect(seed ?? .ones(output.shape, output.scalarType), for: root)
        for node in order.reversed() {
            guard let gradient = context.takeGradient(of: node) else { continue }
            if targets.contains(ObjectIdentifier(node)) { found[ObjectIdentifier(node)] = gradient }
            precondition(!node.isConsumed, "the graph was already used up by backward()")
            context.begin(node, parents: node.parents)
            node.content.pullback?(gradient, context)
        }
    }
    return inputs.map { input in
        input.node.flatMap { found[ObjectIdentifier($0)] } ?? .zeros(input.shape, input.scalarType)
    }
}

/// Adds the gradients of `seed` times a scalar to the gradient memory of all leaves that it depends on.
///
/// Uses the graph up: what was kept for each operation is freed as soon as its derivative is done.
/// - Complexity: about twice the work of the forward pass.
public func backward(_ loss: Tensor, seed: Double = 1) {
    backward(loss, seed: .full(loss.shape, seed, loss.scalarType))
}

/// Adds the gradients of the inner product of `output` and `seed`, of its shape, to the gradient memory of all leaves. Uses the graph up.
public func backward(_ output: Tensor, seed: Tensor) {
    precondition(seed.shape == output.shape, "seed of shape \(seed.shape) for an output of shape \(output.shape)")
    guard let root = output.node else { return }
    if let memory = root.gradientMemory { return memory.addInPlace(seed) }
    Execution.current.recording(false) {
        var order = nodes(from: root)
        let relevant = nodes(in: order, leadingTo: { $0.gradientMemory != nil })
        let context = GradientContext(createsGraph: false, accumulatesIntoLeaves: true, relevant: relevant)
        context.collect(seed, for: root)
        while let node = order.popLast() {
            guard let gradient = context.takeGradient(of: node) else { continue }
            precondition(!node.isConsumed, "the graph was already used up by backward()")
            guard node.number > 0 else { continue }  // leaves are fed by `context.add`
            let content = node.consume()
            context.begin(node, parents: content.parents)
            content.pullback?(gradient, context)
        }
    }
}

/// All nodes from which `root` was made, in the order in which they were made.
private func nodes(from root: Node) -> [Node] {
    var seen: Set<ObjectIdentifier> = [ObjectIdentifier(root)]
    var found: [Node] = []
    var pending = [root]
    while let node = pending.popLast() {
        found.append(node)
        for case let parent? in node.parents where seen.insert(ObjectIdentifier(parent)).inserted {
            pending.append(parent)
        }
    }
    return found.enumerated().sorted { ($0.element.number, $0.offset) < ($1.element.number, $1.offset) }.map(\.element)
}

/// Those of `order` (parents first) from which a target can be reached, targets included.
private func nodes(in order: [Node], leadingTo isTarget: (Node) -> Bool) -> Set<ObjectIdentifier> {
    var relevant = Set<ObjectIdentifier>()
    for node in order {
        let leads = node.parents.contains { $0.map { relevant.contains(ObjectIdentifier($0)) } ?? false }
        if leads || isTarget(node) { relevant.insert(ObjectIdentifier(node)) }
    }
    return relevant
}
