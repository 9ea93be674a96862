import CSequenceModel
import SequenceModel

extension ConformanceTest {
    /// All trained gradients of one call, in one list.
    private static func gradient(_ instance: RawInstance, _ batch: RawBatch, from start: Double = 0) throws -> (loss: Double, slopes: [Double]) {
        let block = try instance.bound()
        block.fillGradients(start)
        let loss = try instance.lossAndGradient(batch)
        return (loss, block.trained.flatMap { block.all(gradient: $0) })
    }

    private static func largest(_ numbers: [Double]) -> Double { numbers.reduce(0) { max($0, abs($1)) } }

    static let gradientAccumulates = ConformanceTest(
        "gradient-accumulates", "Gradients are added to what is there, and computed anew each time.", group: .mathematics, strictness: 2,
        motivation: "A plugin that zeroes or overwrites gradients trains on the last micro-batch alone"
    ) { context in
        let instance = try context.preciseInstance()
        let batch = context.batch(instance, rows: 2, length: 6)
        let once = try gradient(instance, batch).slopes
        let scale = max(largest(once), 1e-12)
        let block = try instance.bound()
        _ = try instance.lossAndGradient(batch)
        let twice = block.trained.flatMap { block.all(gradient: $0) }
        let tolerance = (block.scalar == SM_FLOAT64 ? 1e-9 : 1e-5) * scale
        if let place = once.indices.first(where: { !(abs(twice[$0] - 2 * once[$0]) <= tolerance) }) {
            throw CheckEnd.failed("a gradient of \(once[place]) is \(twice[place]) after a second call; twice the first is needed")
        }
        let start = scale
        let added = try gradient(instance, batch, from: start).slopes
        if let place = once.indices.first(where: { !(abs(added[$0] - start - once[$0]) <= 2 * tolerance) }) {
            throw CheckEnd.failed("a gradient that held \(start) became \(added[place]); \(start + once[place]) is needed")
        }
        return "\(once.count) values, called twice and from \(start.short)"
    }

    static let weightsLinear = ConformanceTest(
        "weights-linear", "Loss and gradient are linear in the weights, also negative and zero ones.", group: .mathematics, strictness: 3,
        motivation: "Preference and reinforcement objectives use negative weights; a clamped or normalised weight trains something else"
    ) { context in
        let instance = try context.preciseInstance()
        var batch = context.batch(instance, rows: 2, length: 6)
        var stream = context.random("weights")
        let first = (0 ..< batch.count).map { _ in Float(stream.normal()) }
        let second = (0 ..< batch.count).map { _ in Float(stream.normal()) }
        func with(_ weights: [Float]) throws -> (loss: Double, slopes: [Double]) {
            batch.weights = weights
            let result = try gradient(instance, batch)
            let loss = try instance.loss(batch)
            guard abs(loss - result.loss) <= 1e-4 * max(1, abs(loss)) else {
                throw CheckEnd.failed("with weights, loss says \(loss), loss_and_gradient \(result.loss)")
            }
            return result
        }
        let one = try with(first)
        let other = try with(second)
        let mixed = try with(zip(first, second).map { 2 * $0 - 0.5 * $1 })
        let expected = 2 * one.loss - 0.5 * other.loss
        guard abs(mixed.loss - expected) <= 1e-4 * max(1, abs(one.loss), abs(other.loss)) else {
            throw CheckEnd.failed("loss of weights 2 a − b / 2 is \(mixed.loss); 2 loss(a) − loss(b) / 2 is \(expected)")
        }
        let scale = max(largest(one.slopes), largest(other.slopes), 1e-12)
        if let place = mixed.slopes.indices.first(where: { !(abs(mixed.slopes[$0] - 2 * one.slopes[$0] + 0.5 * other.slopes[$0]) <= 1e-4 * scale) }) {
            throw CheckEnd.failed("a gradient of weights 2 a − b / 2 is \(mixed.slopes[place]); \(2 * one.slopes[place] - 0.5 * other.slopes[place]) is needed")
        }
        let negative = try with(first.map { -$0 })
        guard abs(negative.loss + one.loss) <= 1e-4 * max(1, abs(one.loss)) else {
            throw CheckEnd.failed("loss of the negative weights is \(negative.loss), of the weights \(one.loss)")
        }
        let nothing = try with([Float](repeating: 0, count: batch.count))
        guard nothing.loss == 0, largest(nothing.slopes) == 0 else {
            throw CheckEnd.failed("with all weights zero the loss is \(nothing.loss), the largest gradient \(largest(nothing.slopes))")
        }
        // Null stands for 1 / (number of targets).
        batch.weights = nil
        let usual = try instance.loss(batch)
        let same = try with([Float](repeating: 1 / Float(batch.targetCount), count: batch.count))
        guard abs(same.loss - usual) <= 1e-4 * max(1, abs(usual)) else {
            throw CheckEnd.failed("without weights the loss is \(usual), with 1 / \(batch.targetCount) each \(same.loss)")
        }
        return "2 a − b / 2, −a, 0 and null"
    }

    static let ignoredTargets = ConformanceTest(
        "ignored-targets", "A position without a target adds nothing to loss, gradient or score.", group: .mathematics, strictness: 2,
        motivation: "Induction was solved or not depending on the loss mask (mamba#62, #298)"
    ) { context in
        let instance = try context.preciseInstance()
        let full = context.batch(instance, rows: 2, length: 9)
        var batch = full
        for index in 0 ..< batch.count where index % 2 == 1 { batch.targets?[index] = -1 }
        let nats = try instance.score(batch, samples: 1).floats
        for index in 0 ..< batch.count where batch.targets?[index] == -1 && nats[index] != 0 {
            throw CheckEnd.failed("position \(index) has no target and scores \(nats[index]) nats")
        }
        // A weight where nothing is wanted has no effect, whatever it is.
        let even = (0 ..< batch.count).map { Float(0.25) + Float($0 % 3) }
        batch.weights = even
        let one = try gradient(instance, batch)
        batch.weights = even.indices.map { batch.targets?[$0] == -1 ? 1000 : even[$0] }
        let other = try gradient(instance, batch)
        guard one.loss == other.loss, one.slopes == other.slopes else {
            throw CheckEnd.failed("weights of positions without a target change the loss from \(one.loss) to \(other.loss), or a gradient")
        }
        // A loss that depends on the key is one sample; what is scored need not be the same one.
        if instance.model.likelihood == SM_LIKELIHOOD_EXACT, instance.model.isCausal, !instance.model.claims(SM_STOCHASTIC_LOSS) {
            let all = try instance.score(full).floats
            var expected = 0.0
            for index in 0 ..< batch.count where (batch.targets?[index] ?? -1) >= 0 { expected += Double(even[index]) * Double(all[index]) }
            let more = instance.model.claims(SM_AUXILIARY_LOSS) ? max(one.loss - expected, 0) : 0
            guard abs(expected + more - one.loss) <= 1e-4 * max(1, abs(expected)) else {
                throw CheckEnd.failed("the weighted scores of \(batch.targetCount) targets sum to \(expected), the loss is \(one.loss)")
            }
        }
        batch.targets = [Int32](repeating: -1, count: batch.count)
        for weights in [nil, even] as [[Float]?] {
            batch.weights = weights
            let nothing = try gradient(instance, batch)
            guard nothing.loss == 0, largest(nothing.slopes) == 0 else {
                throw CheckEnd.failed("without any target the loss is \(nothing.loss), the largest gradient \(largest(nothing.slopes))")
            }
        }
        return "every second position; none at all"
    }
}
