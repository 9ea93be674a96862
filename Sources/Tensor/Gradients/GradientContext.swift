/// What a pullback works with: which inputs want a gradient, and where it goes.
final class GradientContext {
    /// Whether the derivative is itself recorded. Then pullbacks compute in tensor operations only.
    let createsGraph: Bool
    /// Whether gradients of leaves go to their gradient memory.
    private let accumulatesIntoLeaves: Bool
    /// Nodes whose gradient somebody asked for, and those on the way to them.
    private let relevant: Set<ObjectIdentifier>
    /// Gradients collected so far of nodes not yet visited.
    private var collected: [ObjectIdentifier: Tensor] = [:]
    /// The node at work, and its parents.
    private(set) var node: Node?
    private var parents: [Node?] = []

    init(createsGraph: Bool, accumulatesIntoLeaves: Bool, relevant: Set<ObjectIdentifier>) {
        self.createsGraph = createsGraph
        self.accumulatesIntoLeaves = accumulatesIntoLeaves
        self.relevant = relevant
    }

    // MARK: - For pullbacks

    /// Whether input `index` of the operation wants a gradient.
    func wants(_ index: Int) -> Bool { relevantParent(index) != nil }

    /// Adds `gradient`, of the input's shape, to what input `index` has; not even evaluated if it wants none.
    func add(_ index: Int, _ gradient: @autoclosure () -> Tensor) {
        guard let parent = relevantParent(index) else { return }
        let gradient = gradient()
        if let memory = leafMemory(parent) {
            memory.addInPlace(gradient)
        } else {
            collect(gradient, for: parent)
        }
    }

    /// The memory in which the gradient of input `index` is being summed, for kernels that can add to it themselves.
    /// When `isFresh`, its content is undefined and must be overwritten; otherwise it must be added to. Nil if the input
    /// wants none. Not with `createsGraph`.
    func destination(_ index: Int, shape: [Int], _ type: ScalarType) -> (tensor: Tensor, isFresh: Bool)? {
        precondition(!createsGraph, "a recorded derivative cannot be summed in place")
        guard let parent = relevantParent(index) else { return nil }
        if let memory = leafMemory(parent) { return (memory.view(shape), false) }
        guard var existing = collected.removeValue(forKey: ObjectIdentifier(parent)) else {
            let fresh = Tensor(uninitialized: shape, type)
            collected[ObjectIdentifier(parent)] = fresh
            return (fresh, true)
        }
        if !Tensor.isExclusive(&existing) { existing = existing.copied() }
        collected[ObjectIdentifier(parent)] = existing
        return (existing, false)
    }

    /// As `destination`, with zeros where the memory is fresh: always to be added to.
    func accumulator(_ index: Int, shape: [Int], _ type: ScalarType) -> Tensor? {
        guard let (tensor, isFresh) = destination(index, shape: shape, type) else { return nil }
        if isFresh { tensor.fill(0) }
        return tensor
    }

    /// The output of the operation at work, from its bare value, as part of the graph: for derivatives written in terms
    /// of it.
    func output(_ value: Tensor) -> Tensor {
        guard createsGraph else { return value }
        return Tensor(
            storage: value.storage, byteOffset: value.byteOffset, shape: value.shape, count: value.count,
            type: value.scalarType, node: node)
    }

    // MARK: - For the traversal

    func begin(_ node: Node, parents: [Node?]) {
        self.node = node
        self.parents = parents
    }

    func collect(_ gradient: Tensor, for node: Node) {
        let key = ObjectIdentifier(node)
        guard var existing = collected.removeValue(forKey: key) else {
            collected[key] = gradient
            return
        }
        precondition(
            existing.shape == gradient.shape, "gradients of shapes \(existing.shape) and \(gradient.shape) meet")
        if createsGraph || !Tensor.isExclusive(&existing) {
            collected[key] = existing + gradient
        } else {
            existing.addInPlace(gradient)
            collected[key] = existing
        }
    }

    func takeGradient(of node: Node) -> Tensor? { collected.removeValue(forKey: ObjectIdentifier(node)) }

    private func relevantParent(_ index: Int) -> Node? {
        guard let parent = parents[index], relevant.contains(ObjectIdentifier(parent)) else { return nil }
        return parent
    }

    private func leafMemory(_ node: Node) -> Tensor? { accumulatesIntoLeaves ? node.gradientMemory : nil }
}
