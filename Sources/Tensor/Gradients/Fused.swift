extension Tensor {
    /// This value as the output of an operation with kernels for its value and for its derivative.
    ///
    /// A derivative that is to be derived again is taken through `reference`: the same value composed of simple
    /// operations on the inputs, slower and differentiable any number of times.
    /// - Parameters:
    ///   - inputs: tensors with a gradient.
    ///   - reference: the operation, composed; gets the inputs.
    ///   - pullback: the kernel derivative, used when no graph is wanted.
    func recorded(
        fused inputs: [Tensor], reference: @escaping ([Tensor]) -> Tensor, _ pullback: @escaping Node.Pullback
    ) -> Tensor {
        guard Tensor.records(inputs) else { return self }
        // The same tensor may come in twice; its gradients must not be summed in one memory at the same time.
        var inputs = inputs
        for index in inputs.indices.dropFirst()
        where inputs[..<index].contains(where: { $0.node === inputs[index].node }) {
            inputs[index] = inputs[index].identity()
        }
        return recorded(from: inputs) { [inputs] dy, into in
            guard into.createsGraph else { return pullback(dy, into) }
            let own = inputs.map { $0.identity() }  // vertices of this derivation alone
            let wanted = inputs.indices.filter(into.wants)
            let results = gradients(
                of: reference(own), withRespectTo: wanted.map { own[$0] }, seed: dy, createGraph: true)
            for (index, gradient) in zip(wanted, results) { into.add(index, gradient) }
        }
    }
}

/// Tensors of which some may be missing, as a list of those present, and back.
struct OptionalInputs {
    private let present: [Bool]
    let inputs: [Tensor]

    init(_ tensors: Tensor?...) {
        present = tensors.map { $0 != nil }
        inputs = tensors.compactMap { $0 }
    }

    /// Where argument `argument` is among the inputs.
    func index(_ argument: Int) -> Int? {
        present[argument] ? present[..<argument].count { $0 } : nil
    }

    /// Argument `argument` among `inputs`, which stand for those given.
    func pick(_ argument: Int, _ inputs: [Tensor]) -> Tensor? { index(argument).map { inputs[$0] } }
}
