import Glibc

/// Adam (Kingma and Ba 2014, arXiv:1412.6980) over the trained parameters of an instance, enough for a few hundred small steps.
struct Optimizer {
    let rate: Double
    private var first: [Int: [Double]] = [:]
    private var second: [Int: [Double]] = [:]
    private var step = 0

    init(rate: Double) { self.rate = rate }

    /// One step on `batch`; returns the loss before it. Throws `CheckEnd.failed` for a loss or gradient that is not finite.
    mutating func advance(_ instance: RawInstance, _ batch: RawBatch) throws -> Double {
        let block = try instance.bound()
        step += 1
        block.fillGradients(0)
        let loss = try instance.lossAndGradient(batch)
        guard loss.isFinite else { throw CheckEnd.failed("step \(step): the loss is \(loss)") }
        let (decay1, decay2) = (0.9, 0.99)
        let correction = (1 - pow(decay2, Double(step))).squareRoot() / (1 - pow(decay1, Double(step)))
        for declaration in block.trained {
            let gradient = block.all(gradient: declaration)
            var (m, v) = (first[declaration] ?? [], second[declaration] ?? [])
            if m.isEmpty { (m, v) = ([Double](repeating: 0, count: gradient.count), [Double](repeating: 0, count: gradient.count)) }
            for (index, slope) in gradient.enumerated() {
                guard slope.isFinite else {
                    throw CheckEnd.failed("step \(step): the gradient of \(block.declarations[declaration].name) is \(slope) at \(index)")
                }
                m[index] = decay1 * m[index] + (1 - decay1) * slope
                v[index] = decay2 * v[index] + (1 - decay2) * slope * slope
                block[value: declaration, index] -= rate * correction * m[index] / (v[index].squareRoot() + 1e-8)
            }
            first[declaration] = m
            second[declaration] = v
        }
        instance.parametersChanged()
        try instance.postUpdate(step: UInt64(step))
        return loss
    }
}
