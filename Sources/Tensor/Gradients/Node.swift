/// A vertex of the graph of derivatives: an operation that was recorded, or a leaf.
///
/// It does not hold the value of its tensor: values live as long as a pullback that needs them, so an activation that no
/// derivative asks for is freed while the forward pass still runs.
///
/// To add an operation: compute the value into `Tensor(uninitialized:)`, touching memory only inside
/// `Execution.parallel` (or `inRanges`), with pieces cut by the shapes alone; then return `value.recorded(from: inputs)` with
/// a pullback made of tensor operations, or `value.recorded(fused:reference:)` with a pullback made of kernels and the
/// value composed of simple operations, from which second derivatives are taken.
final class Node {
    /// Adds the gradients of the operation's inputs to `context`, given that of its output.
    typealias Pullback = (_ outputGradient: Tensor, _ context: GradientContext) -> Void

    struct Content {
        var parents: [Node?]
        var pullback: Pullback?
    }

    /// Parents have smaller numbers than children.
    let number: Int
    /// Inputs of the operation (nil for constants) and its derivative; empty for leaves and after `backward`.
    private(set) var content: Content
    /// For a leaf: where `backward` adds its gradient.
    let gradientMemory: Tensor?
    /// Set once `backward` has used the pullback up.
    private(set) var isConsumed = false

    init(gradientMemory: Tensor?) {
        number = 0
        content = Content(parents: [], pullback: nil)
        self.gradientMemory = gradientMemory
    }

    init(parents: [Node?], execution: Execution, pullback: @escaping Pullback) {
        number = execution.nextNodeNumber(after: parents)
        content = Content(parents: parents, pullback: pullback)
        gradientMemory = nil
    }

    var parents: [Node?] { content.parents }

    /// Takes the content out, so that what it keeps alive goes with the caller's use of it.
    func consume() -> Content {
        isConsumed = true
        return take()
    }

    private func take() -> Content {
        var taken = Content(parents: [], pullback: nil)
        swap(&taken, &content)
        return taken
    }

    deinit {
        if content.pullback != nil { Execution.current.discard(take()) }
    }
}

extension Tensor {
    /// This value as the output of a recorded operation on `inputs`; itself when nothing is to be recorded.
    ///
    /// `pullback` may capture inputs, and the bare output (not what `recorded` returns, which would be a cycle).
    func recorded(from inputs: [Tensor], _ pullback: @escaping Node.Pullback) -> Tensor {
        let execution = Execution.current
        guard Tensor.records(inputs) else { return self }
        let node = Node(parents: inputs.map(\.node), execution: execution, pullback: pullback)
        return Tensor(
            storage: storage, byteOffset: byteOffset, shape: shape, count: count, type: scalarType, node: node)
    }

    /// Whether an operation on these inputs would be recorded: what the backward pass needs is kept only then.
    static func records(_ inputs: [Tensor]) -> Bool {
        Execution.current.isRecording && inputs.contains { $0.node != nil }
    }
}
