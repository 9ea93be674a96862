import CSequenceModel
import SequenceModel

extension ConformanceTest {
    static let gradientDifferences = ConformanceTest(
        "gradient-differences", "Gradients agree with central differences on every parameter tensor.", group: .mathematics, strictness: 2,
        motivation: "A missing or scaled term trains, only worse: no other test of a model sees it"
    ) { context in
        let instance = try context.preciseInstance()
        let length = Int(min(6, instance.shape.maximum_tokens == 0 ? 6 : instance.shape.maximum_tokens))
        let batch = context.batch(instance, rows: 2, length: length, "gradient")
        let block = try instance.bound()
        block.fillGradients(0)
        let loss = try instance.lossAndGradient(batch)
        guard loss.isFinite else { throw CheckEnd.failed("loss_and_gradient gave \(loss)") }
        let check = GradientCheck(instance: instance, block: block, batch: batch, loss: loss)
        var worst = (error: 0.0, what: "")
        var flat: [String] = []
        for declaration in block.trained where block.count(declaration) > 0 {
            let name = block.declarations[declaration].name
            let gradient = block.all(gradient: declaration)
            guard gradient.allSatisfy(\.isFinite) else { throw CheckEnd.failed("the gradient of \(name) is not finite") }
            var stream = context.random("gradient \(name)")
            if gradient.allSatisfy({ $0 == 0 }) { flat.append(name) }
            for direction in check.directions(gradient, &stream) {
                let result = try check.compare(declaration, gradient: gradient, direction: direction.vector)
                if result.error > worst.error { worst = (result.error, "\(name), \(direction.what)") }
                guard result.error <= check.tolerance else {
                    throw CheckEnd.failed(
                        "\(name), \(direction.what): the gradient says \(result.analytic), differences say \(result.numeric) "
                            + "(in \(check.isDouble ? "float64" : "float32"))")
                }
            }
        }
        let type = check.isDouble ? "float64" : "float32"
        if flat.count == block.trained.count { throw CheckEnd.failed("all gradients are zero") }
        return "\(block.trained.count) tensors in \(type), largest relative error \(worst.error.short) (\(worst.what))"
            + (flat.isEmpty ? "" : "; zero: \(flat.prefix(3).joined(separator: ", "))")
    }
}
