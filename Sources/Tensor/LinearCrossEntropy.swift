/// The last layer of a model and its loss in one: Σ weights[r] · nats[r], where nats[r] is the cross-entropy of row r of
/// x Wᵀ + b.
///
/// Logits are made for a block of rows at a time and never kept; while a block's are there, their share of the
/// gradients is computed too. Rows without a target are left out of all work.
/// - Parameters:
///   - x: [R, D]
///   - weight: [V, D]
///   - bias: [V]; nil stands for zeros.
///   - targets: R of them, below V; a negative one counts nothing.
///   - weights: R of them, of either sign; nil stands for ones.
/// - Returns: the sum (a scalar with a gradient, accumulated in double precision), and the nats of each row, 0 where
///   there is no target.
public func linearCrossEntropy(
    _ x: Tensor, weight: Tensor, bias: Tensor? = nil, targets: [Int32], weights: [Double]? = nil
) -> (sum: Tensor, nats: [Double]) {
    precondition(
        x.rank == 2 && weight.rank == 2 && x.shape[1] == weight.shape[1] && targets.count == x.shape[0]
            && (weights == nil || weights?.count == targets.count) && (bias == nil || bias?.shape == [weight.shape[0]])
            && targets.allSatisfy { $0 < weight.shape[0] },
        "linear cross-entropy of x \(x.shape), weight \(weight.shape), \(targets.count) targets")
    let chosen = targets.indices.filter { targets[$0] >= 0 }
    guard chosen.count == targets.count else {
        let (sum, nats) = linearCrossEntropy(
            x.gatherRows(chosen.map(Int32.init)), weight: weight, bias: bias, targets: chosen.map { targets[$0] },
            weights: weights.map { weights in chosen.map { weights[$0] } })
        var all = [Double](repeating: 0, count: targets.count)
        for (row, value) in zip(chosen, nats) { all[row] = value }
        return (sum, all)
    }
    let arguments = OptionalInputs(x, weight, bias)
    let pass = HeadPass(x: x, weight: weight, bias: bias, targets: targets, weights: weights ?? targets.map { _ in 1 })
    let result = pass.run(withGradients: Tensor.records(arguments.inputs))
    let sum = result.sum.recorded(
        fused: arguments.inputs,
        reference: {
            Reference.linearCrossEntropy(
                $0[0], weight: $0[1], bias: arguments.pick(2, $0), targets: targets, weights: weights)
        }
    ) { dy, into in
        for (argument, gradient) in [result.dx, result.dweight, result.dbias].enumerated() {
            guard let gradient, let index = arguments.index(argument) else { continue }
            into.accumulator(index, shape: gradient.shape, gradient.scalarType)?
                .addInPlace(gradient, factor: dy.item)
        }
    }
    return (sum, result.nats)
}

/// One pass over the rows: logits, loss, and gradients for a loss that counts each row by its weight.
private struct HeadPass {
    let x: Tensor, weight: Tensor, bias: Tensor?
    let targets: [Int32]
    let weights: [Double]

    struct Result {
        let sum: Tensor
        let nats: [Double]
        let dx: Tensor?, dweight: Tensor?, dbias: Tensor?
    }

    func run(withGradients: Bool) -> Result {
        let (rows, vocabulary) = (x.shape[0], weight.shape[0])
        let type = x.scalarType
        let nats = Tensor(uninitialized: [rows], type)
        let rowWeights = Tensor(weights, shape: [rows], type: type)
        let dx = withGradients && x.requiresGradient ? Tensor(uninitialized: x.shape, type) : nil
        let dweight = withGradients && weight.requiresGradient ? Tensor.zeros(weight.shape, type) : nil
        let dbias = withGradients && bias?.requiresGradient == true ? Tensor.zeros([vocabulary], type) : nil
        // As many rows as make 16 MiB of float32 logits.
        let blockRows = Swift.max(64, min(4096, (1 << 22) / Swift.max(1, vocabulary)))
        let buffer = Tensor(uninitialized: [min(rows, blockRows), vocabulary], type)
        for start in stride(from: 0, to: rows, by: blockRows) {
            let count = min(blockRows, rows - start)
            func block(_ tensor: Tensor) -> Tensor {  // rows start ..< start + count
                let shape = [count] + tensor.shape.dropFirst()
                let inner = shape.dropFirst().reduce(1, *)
                return tensor.view(shape, count: count * inner, elementOffset: start * inner)
            }
            let logits = buffer.view([count, vocabulary], count: count * vocabulary)
            let targets = Array(targets[start..<start + count])
            MatrixProduct(block(x), weight, false, true).run(into: logits, bias: bias)
            guard withGradients else {
                Execution.withoutRecording { crossEntropy(logits, targets: targets).copy(to: block(nats)) }
                continue
            }
            logits.becomeCrossEntropyGradient(targets, weights: block(rowWeights), nats: block(nats))
            if let dx { MatrixProduct(logits, weight, false, false).run(into: block(dx)) }
            if let dweight { MatrixProduct(logits, block(x), true, false).run(into: dweight, accumulating: true) }
            if let dbias { addRows(of: logits, to: dbias) }
        }
        let values = nats.toArray()
        let sum = zip(weights, values).reduce(0) { $0 + $1.0 * $1.1 }
        return Result(
            sum: Tensor(sum, type: type), nats: values, dx: dx, dweight: dweight, dbias: dbias)
    }
}
