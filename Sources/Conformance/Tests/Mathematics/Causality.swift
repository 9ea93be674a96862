import CSequenceModel

extension ConformanceTest {
    static let causality = ConformanceTest(
        "causality", "In a causal model a changed token changes nothing before it, bit for bit (last and middle token).",
        group: .mathematics, strictness: 1,
        motivation: "A layer that sees the future: training accuracy of 100 % on tasks that cannot be solved (safari's notes)"
    ) { context in
        let model = try context.model()
        guard model.isCausal else { throw CheckEnd.skipped("the model does not say that it is causal") }
        let instance = try context.instance()
        let length = 48
        try context.require(length: length, of: instance)
        var batch = context.batch(instance, rows: 2, length: length)
        batch.length = length
        if model.fillsIn { throw CheckEnd.failed("the model says that it is causal and that its targets are in place") }
        batch.targets = nil
        let before = try instance.logits(batch).floats
        let width = instance.vocabulary
        var tried = 0
        for place in [length - 1, length - 2, length / 2, length / 2 + 1, length / 3, 1] {
            var changed = batch
            let index = length + place  // row 1
            changed.tokens[index] = (changed.tokens[index] + 1) % Int32(instance.alphabet)
            let after = try instance.logits(changed).floats
            for position in 0 ..< length + place {
                for symbol in 0 ..< width {
                    let at = position * width + symbol
                    guard before[at].bitPattern != after[at].bitPattern else { continue }
                    throw CheckEnd.failed(
                        "token \(place) of row 1 was changed: logit \(symbol) of row \(position / length), position "
                            + "\(position % length) went from \(before[at]) to \(after[at])")
                }
            }
            tried += 1
        }
        // The same of the scores: a loss may see what the logits do not.
        let targets = context.batch(instance, rows: 1, length: length, "scores")
        let scores = try instance.score(targets).floats
        for place in [length - 1, length / 2] {
            var changed = targets
            changed.tokens[place] = (changed.tokens[place] + 1) % Int32(instance.alphabet)
            let after = try instance.score(changed).floats
            for position in 0 ..< place where scores[position].bitPattern != after[position].bitPattern {
                throw CheckEnd.failed(
                    "token \(place) was changed: the score of position \(position) went from \(scores[position]) to \(after[position])")
            }
        }
        return "\(tried) changed tokens among \(length), logits and scores before them the same bits"
    }
}
