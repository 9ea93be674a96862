/// op(A) op(B), where op transposes the last two axes if asked to.
///
/// - Parameters:
///   - a: [..., M, K], or [..., K, M] with `transposeA`.
///   - b: [..., K, N], or [..., N, K] with `transposeB`; the leading axes are those of `a`.
/// - Returns: [..., M, N]
/// - Complexity: 2 M N K operations for each matrix.
public func matmul(_ a: Tensor, _ b: Tensor, transposeA: Bool = false, transposeB: Bool = false) -> Tensor {
    precondition(
        a.rank >= 2 && a.shape.dropLast(2) == b.shape.dropLast(2)
            && a.extent(transposeA ? -2 : -1) == b.extent(transposeB ? -1 : -2),
        "matmul of \(a.shape)\(transposeA ? "ᵀ" : "") and \(b.shape)\(transposeB ? "ᵀ" : "")")
    let product = MatrixProduct(a, b, transposeA, transposeB)
    let y = Tensor(uninitialized: a.shape.dropLast(2) + [product.rows, product.columns], a.scalarType)
    product.run(into: y)
    return y.recorded(from: [a, b]) { dy, into in
        if transposeA {
            into.addProduct(0, shape: a.shape, b, dy, transposeA: transposeB, transposeB: true)
        } else {
            into.addProduct(0, shape: a.shape, dy, b, transposeB: !transposeB)
        }
        if transposeB {
            into.addProduct(1, shape: b.shape, dy, a, transposeA: true, transposeB: transposeA)
        } else {
            into.addProduct(1, shape: b.shape, a, dy, transposeA: !transposeA)
        }
    }
}

/// x Wᵀ + b, the dense layer of every network.
///
/// - Parameters:
///   - x: [..., D]
///   - weight: [E, D], as in published checkpoints.
///   - bias: [E]
/// - Returns: [..., E]
public func linear(_ x: Tensor, weight: Tensor, bias: Tensor? = nil) -> Tensor {
    let (outputWidth, inputWidth) = (weight.shape[0], weight.shape[1])
    precondition(weight.rank == 2 && x.extent(-1) == inputWidth, "linear of \(x.shape) by a weight of \(weight.shape)")
    precondition(
        bias == nil || bias?.shape == [outputWidth], "bias of shape \(bias?.shape ?? []) for \(outputWidth) outputs")
    let rows = x.detached().reshaped([x.count / Swift.max(1, inputWidth), inputWidth])
    let y = Tensor(uninitialized: x.shape.dropLast() + [outputWidth], x.scalarType)
    let product = MatrixProduct(rows, weight, false, true)
    if product.rows <= 4 { product.runByVectors(into: y, bias) } else { product.run(into: y, bias: bias) }
    return y.recorded(from: [x, weight] + (bias.map { [$0] } ?? [])) { dy, into in
        let dy = dy.reshaped([-1, outputWidth])
        into.addProduct(0, shape: x.shape, dy, weight)
        into.addProduct(
            1, shape: weight.shape, dy, into.createsGraph ? x.reshaped([-1, inputWidth]) : rows, transposeA: true)
        if bias != nil {
            if into.createsGraph {
                into.add(2, dy.sum(axis: 0))
            } else if let gradient = into.accumulator(2, shape: [outputWidth], dy.scalarType) {
                addRows(of: dy, to: gradient)
            }
        }
    }
}

extension GradientContext {
    /// Adds op(A) op(B), in matrices, to the gradient of input `index`: straight into its memory where possible.
    func addProduct(
        _ index: Int, shape: [Int], _ a: Tensor, _ b: Tensor, transposeA: Bool = false, transposeB: Bool = false
    ) {
        if createsGraph {
            add(index, matmul(a, b, transposeA: transposeA, transposeB: transposeB).reshaped(shape))
        } else if let (gradient, isFresh) = destination(index, shape: shape, a.scalarType) {
            MatrixProduct(a, b, transposeA, transposeB).run(into: gradient, accumulating: !isFresh)
        }
    }
}
