/// −ln softmax(logits)[target] of each row, in nats.
///
/// - Parameters:
///   - logits: [R, V]
///   - targets: R of them, below V; a negative one gives 0 and no gradient.
/// - Returns: [R]
public func crossEntropy(_ logits: Tensor, targets: [Int32]) -> Tensor {
    let width = logits.extent(-1)
    precondition(
        logits.rank == 2 && targets.count == logits.shape[0] && targets.allSatisfy { $0 < width },
        "\(targets.count) targets for logits of shape \(logits.shape)")
    let nats = Tensor(uninitialized: [targets.count], logits.scalarType)
    func forward<R: Real>(_: R.Type) {
        targets.withUnsafeBufferPointer { targets in
            guard let targets = targets.baseAddress else { return }
            logits.inRows { rows, start, width in
                R.crossEntropy(
                    Int64(rows.count), width, logits.input(R.self) + start, targets + rows.lowerBound,
                    nats.pointer(R.self) + rows.lowerBound)
            }
        }
    }
    logits.scalarType == .float32 ? forward(Float.self) : forward(Double.self)
    return nats.recorded(fused: [logits], reference: { Reference.crossEntropy($0[0], targets: targets) }) { dy, into in
        let dlogits = logits.copied()
        dlogits.becomeCrossEntropyGradient(targets, weights: dy, nats: Tensor(uninitialized: dy.shape, dy.scalarType))
        into.add(0, dlogits)
    }
}

extension Tensor {
    /// Turns logits [R, V] into weights[r] · (softmax − one-hot) in place, and writes the nats of each row.
    func becomeCrossEntropyGradient(_ targets: [Int32], weights: Tensor, nats: Tensor) {
        func transform<R: Real>(_: R.Type) {
            targets.withUnsafeBufferPointer { targets in
                guard let targets = targets.baseAddress else { return }
                inRows { rows, start, width in
                    R.crossEntropyGradient(
                        Int64(rows.count), width, pointer(R.self) + start, targets + rows.lowerBound,
                        weights.input(R.self) + rows.lowerBound, nats.pointer(R.self) + rows.lowerBound)
                }
            }
        }
        scalarType == .float32 ? transform(Float.self) : transform(Double.self)
    }
}

extension Reference {
    /// See the function `crossEntropy`.
    public static func crossEntropy(_ logits: Tensor, targets: [Int32]) -> Tensor {
        let (rows, width) = (logits.shape[0], logits.shape[1])
        var selected = [Double](repeating: 0, count: rows * width)
        for (row, target) in targets.enumerated() where target >= 0 { selected[row * width + Int(target)] = 1 }
        return -(logits.logSoftmax() * Tensor(selected, shape: [rows, width], type: logits.scalarType)).sum(axis: -1)
    }

    /// See the function `linearCrossEntropy`; only the sum.
    public static func linearCrossEntropy(
        _ x: Tensor, weight: Tensor, bias: Tensor? = nil, targets: [Int32], weights: [Double]? = nil
    ) -> Tensor {
        let nats = crossEntropy(linear(x, weight: weight, bias: bias), targets: targets)
        return weights.map { (nats * Tensor($0, shape: [targets.count], type: x.scalarType)).sum() } ?? nats.sum()
    }
}
