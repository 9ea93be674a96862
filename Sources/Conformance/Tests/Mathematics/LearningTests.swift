import CSequenceModel
import Glibc
import SequenceModel

extension ConformanceTest {
    static let oneBatchOverfits = ConformanceTest(
        "one-batch-overfits", "Trained on one batch, the loss falls far below its start and stays finite.", group: .mathematics,
        strictness: 3, motivation: "NaN after some steps, or a gradient that leads nowhere (fla#218, #403; silent numerics: fla#111, #537)"
    ) { context in
        let instance = try context.instance(perturbed: false)
        guard instance.model.train != nil else { throw CheckEnd.skipped("the model cannot be trained (\(SM_TRAIN_1))") }
        let length = min(15, instance.alphabet / 2 - 1, instance.shape.maximum_tokens == 0 ? 15 : Int(instance.shape.maximum_tokens) - 1)
        guard length >= 2 else { throw CheckEnd.skipped("the alphabet of \(instance.alphabet) symbols leaves nothing to learn by heart") }
        // No symbol twice: what comes next follows even from the present symbol alone.
        var stream = context.random("text")
        let text = (0 ..< Int32(instance.alphabet)).shuffled(using: &stream).prefix(2 * (length + 1))
        let batch = CheckContext.batch(text: Array(text), rows: 2, width: length + 1, fillsIn: instance.model.fillsIn)
        var optimizer = Optimizer(rate: 0.01)
        var losses: [Double] = []
        let most = 150
        for step in 0 ..< most {
            losses.append(try optimizer.advance(instance, batch))
            if step >= 40, losses[step] < 0.2 * losses[0] { break }
        }
        let last = losses[losses.count - 1]
        guard last < 0.5 * losses[0] else {
            throw CheckEnd.failed("after \(losses.count) steps the loss is \(last), at the start it was \(losses[0])")
        }
        return "\(losses[0].short) → \(last.short) nats in \(losses.count) steps"
    }

    static let entropyFloor = ConformanceTest(
        "entropy-floor", "After training on a source of known entropy, no score falls below that entropy.", group: .mathematics,
        strictness: 4, motivation: "A \"sub-1.0\" record was 1.1289 bits per byte (parameter-golf#1271): below the entropy, something leaks"
    ) { context in
        let instance = try context.instance(perturbed: false)
        guard instance.model.train != nil else { throw CheckEnd.skipped("the model cannot be trained (\(SM_TRAIN_1))") }
        guard instance.model.likelihood != SM_LIKELIHOOD_NONE else { throw CheckEnd.skipped("the model has no likelihood") }
        guard instance.alphabet >= 4 else { throw CheckEnd.skipped("the source needs 4 symbols, the alphabet has \(instance.alphabet)") }
        let length = Int(min(32, instance.shape.maximum_tokens == 0 ? 32 : instance.shape.maximum_tokens - 1))
        var source = MarkovSource(context.random("source"))
        var optimizer = Optimizer(rate: 0.01)
        for step in 0 ..< 120 {
            var batch = CheckContext.batch(
                text: source.text(rows: 4, length: length + 1), rows: 4, width: length + 1, fillsIn: instance.model.fillsIn)
            batch.key = (UInt64(step), 11)
            _ = try optimizer.advance(instance, batch)
        }
        // Windows are independent, so their means say how sure the mean over all is.
        var means: [Double] = []
        for piece in 0 ..< 16 {
            var batch = CheckContext.batch(
                text: source.text(rows: 16, length: length + 1), rows: 16, width: length + 1, fillsIn: instance.model.fillsIn)
            batch.key = (UInt64(piece), 13)
            let nats = try instance.score(batch).floats
            for row in 0 ..< 16 {
                let sum = nats[row * batch.length ..< (row + 1) * batch.length].reduce(0) { $0 + Double($1) }
                means.append(sum / Double(length))
            }
        }
        let mean = means.reduce(0, +) / Double(means.count)
        let variance = means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(means.count - 1)
        let error = (variance / Double(means.count)).squareRoot()
        let text = "\(mean.short) ± \(error.short) nats a symbol; the source has \(source.entropy.short)"
        guard mean.isFinite, mean >= source.entropy - 4 * error else { throw CheckEnd.failed(text) }
        return text
    }

    static let boundAboveExact = ConformanceTest(
        "bound-above-exact", "A bound is not below the exact value where both can be computed.", group: .mathematics, strictness: 4,
        motivation: "2.41 or 1.15 bits per byte for one diffusion model, by the way of evaluation (parameter-golf#1100, #1106)"
    ) { context in
        let model = try context.model()
        guard model.likelihood == SM_LIKELIHOOD_UPPER_BOUND else { throw CheckEnd.skipped("the model's likelihood is no bound") }
        let instance = try context.instance()
        if model.claims(SM_CAUSAL) { return try causalBound(instance, context) }
        guard model.fillsIn, instance.shape.mask_symbol >= 0 else {
            throw CheckEnd.skipped("without a mask symbol the exact value cannot be had from logits")
        }
        let length = 10
        let text = context.tokens(instance, rows: 1, length: length)
        var notes: [String] = []
        for place in [0, 4, length - 1] {
            // One hidden symbol among visible ones: one evaluation gives its exact probability.
            var hidden = text
            hidden[place] = instance.shape.mask_symbol
            let logits = try instance.logits(RawBatch(rows: 1, length: length, tokens: hidden, targets: nil)).floats
            let start = place * instance.vocabulary
            let exact = -LogProbabilities(logits[start ..< start + instance.vocabulary], alphabet: instance.alphabet).values[Int(text[place])]
            let rows = 32
            var estimates: [Double] = []
            for key in 0 ..< 16 {
                var targets = [Int32](repeating: -1, count: rows * length)
                for row in 0 ..< rows { targets[row * length + place] = text[place] }
                var batch = RawBatch(
                    rows: rows, length: length, tokens: (0 ..< rows).flatMap { _ in text }, targets: targets, weights: nil)
                batch.key = (UInt64(key), 17)
                let nats = try instance.score(batch, samples: 1).floats
                // Rows of one call may share their noise: their mean counts once.
                estimates.append((0 ..< rows).reduce(0) { $0 + Double(nats[$1 * length + place]) } / Double(rows))
            }
            let mean = estimates.reduce(0, +) / Double(estimates.count)
            let variance = estimates.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(estimates.count - 1)
            let error = (variance / Double(estimates.count)).squareRoot()
            let note = "position \(place): bound \(mean.short) ± \(error.short), exact \(exact.short) nats"
            guard mean >= exact - 4 * error - 1e-3 else { throw CheckEnd.failed(note) }
            notes.append(note)
        }
        return notes.joined(separator: "; ")
    }

    /// A causal model's logits give the exact value of every symbol.
    private static func causalBound(_ instance: RawInstance, _ context: CheckContext) throws -> String {
        let batch = context.batch(instance, rows: 2, length: 12)
        let logits = try instance.logits(batch).floats
        let width = instance.vocabulary
        var exact = 0.0
        for (place, target) in (batch.targets ?? []).enumerated() where target >= 0 {
            let row = logits[place * width ..< (place + 1) * width]
            exact -= LogProbabilities(row, alphabet: instance.alphabet).values[Int(target)]
        }
        let estimates = try (0 ..< 16).map { key in
            var keyed = batch
            keyed.key = (UInt64(key), 17)
            return try instance.score(keyed, samples: 1).floats.reduce(0.0) { $0 + Double($1) }
        }
        let mean = estimates.reduce(0, +) / Double(estimates.count)
        let variance = estimates.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(estimates.count - 1)
        let error = (variance / Double(estimates.count)).squareRoot()
        let note = "bound \(mean.short) ± \(error.short), exact \(exact.short) nats"
        guard mean >= exact - 4 * error - 1e-3 * max(1, exact) else { throw CheckEnd.failed(note) }
        return note
    }

    static let copyCapacity = ConformanceTest(
        "copy-capacity", "A model of fixed state does not copy more than its state can hold.", group: .mathematics, strictness: 5,
        motivation: "A fixed state cannot copy more than the logarithm of its number (Jelassi et al. 2024, arXiv:2402.01032): a model that does, leaks"
    ) { context in
        let instance = try context.instance()
        _ = try instance.sessionTable()
        guard instance.model.claims(SM_FIXED_STATE) else { throw CheckEnd.skipped("the model's state grows with the text") }
        let session = try instance.open(rows: 1)
        try session.append(context.tokens(instance, rows: 1, length: 8), SM_LOGITS_NONE)
        let bits = 8 * Double(try session.save().count)
        let each = log2(Double(instance.alphabet))
        let length = Int(4 * bits / each) + 64
        guard length <= 40_000 else { throw CheckEnd.skipped("the state of \(Int(bits)) bits would need a text of \(length) symbols") }
        try context.require(length: 2 * length, of: instance)
        let text = context.tokens(instance, rows: 1, length: length, "copy")
        let reader = try instance.open(rows: 1)
        let piece = 500
        var right = 0
        var previous: [Float] = []
        for pass in 0 ..< 2 {
            for begin in stride(from: 0, to: length, by: piece) {
                let tokens = Array(text[begin ..< min(begin + piece, length)])
                if pass == 0 {
                    let isLast = begin + piece >= length
                    let output = try reader.append(tokens, isLast ? SM_LOGITS_LAST : SM_LOGITS_NONE)
                    if isLast { previous = output.floats }
                    continue
                }
                let logits = previous + (try reader.append(tokens, SM_LOGITS_ALL).floats)
                let width = instance.vocabulary
                for (index, token) in tokens.enumerated() {
                    let row = logits[index * width ..< index * width + instance.alphabet]
                    if let best = row.indices.max(by: { logits[$0] < logits[$1] }), best - index * width == Int(token) { right += 1 }
                }
                previous = Array(logits.suffix(width))
            }
        }
        let share = Double(right) / Double(length)
        // What the state can hold, what chance adds, and some air.
        let allowed = 0.25 + 1.5 / Double(instance.alphabet) + 0.05
        let note = "\(length) symbols (\(Int(Double(length) * each)) bits) read twice through a state of \(Int(bits)) bits: \((share * 100).short) % foretold"
        guard share <= allowed else { throw CheckEnd.failed(note) }
        return note
    }
}
