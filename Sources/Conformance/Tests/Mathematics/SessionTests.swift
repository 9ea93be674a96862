import CSequenceModel

extension ConformanceTest {
    static let sessionSteps = ConformanceTest(
        "session-steps", "A session fed token by token gives what one evaluation of the whole gives.", group: .mathematics, strictness: 2,
        motivation: "Recurrent and parallel form differed: \"performance as poor as a random policy\" (fla#494, fla#285)"
    ) { context in
        let instance = try context.instance()
        _ = try instance.sessionTable()
        let length = 70
        try context.require(length: length, of: instance)
        let tokens = context.tokens(instance, rows: 2, length: length)
        let whole = try instance.logits(RawBatch(rows: 2, length: length, tokens: tokens, targets: nil)).floats
        let width = instance.vocabulary
        let session = try instance.open(rows: 2)
        var largest = 0.0
        for position in 0 ..< length {
            guard try session.position() == position else { throw CheckEnd.failed("after \(position) tokens the position is \(try session.position())") }
            let got = try session.append([tokens[position], tokens[length + position]], SM_LOGITS_LAST).floats
            var expected: [Float] = []
            for row in 0 ..< 2 {
                let start = (row * length + position) * width
                expected += whole[start ..< start + width]
            }
            let close = Closeness(expected: expected, got: got)
            if let text = close.complaint { throw CheckEnd.failed("position \(position) of \(length): \(text)") }
            largest = max(largest, close.largest)
        }
        return "\(length) steps of 2 rows, largest difference \(largest.short)"
    }

    static let sessionChunks = ConformanceTest(
        "session-chunks",
        "A session fed in chunks, at lengths that are no multiple of any chunk and from a state that is not zero, gives the same.",
        group: .mathematics, strictness: 2,
        motivation: "Padding in the last chunk corrupted the state (transformers#46190); a chunked kernel was wrong from an initial state (fla#351)"
    ) { context in
        let instance = try context.instance()
        _ = try instance.sessionTable()
        try context.require(length: 200, of: instance)
        var largest = 0.0
        var tried = 0
        for (length, chunks) in [
            (63, [63]), (64, [1, 63]), (65, [64, 1]), (100, [17, 23]), (131, [2, 61, 3, 65]), (150, [128, 22]), (197, [100, 97]),
            (161, [23, 17, 31]), (2, [1, 1]), (1, [1]),
        ] {
            let rows = length > 100 ? 1 : 2
            let tokens = context.tokens(instance, rows: rows, length: length, "\(length)")
            let whole = try instance.logits(RawBatch(rows: rows, length: length, tokens: tokens, targets: nil)).floats
            let width = instance.vocabulary
            let session = try instance.open(rows: rows)
            var begin = 0
            var turn = 0
            while begin < length {
                let end = min(begin + chunks[turn % chunks.count], length)
                turn += 1
                let piece = (0 ..< rows).flatMap { Array(tokens[$0 * length + begin ..< $0 * length + end]) }
                let got = try session.append(piece, SM_LOGITS_ALL).floats
                var expected: [Float] = []
                for row in 0 ..< rows { expected += whole[(row * length + begin) * width ..< (row * length + end) * width] }
                let close = Closeness(expected: expected, got: got)
                if let text = close.complaint {
                    throw CheckEnd.failed("length \(length) in chunks of \(chunks), tokens \(begin) to \(end): \(text)")
                }
                largest = max(largest, close.largest)
                begin = end
                let position = try session.position()
                guard position == end else { throw CheckEnd.failed("after \(end) tokens in chunks of \(chunks) position says \(position)") }
            }
            tried += 1
        }
        return "\(tried) lengths from 1 to 197, largest difference \(largest.short)"
    }

    static let batchMates = ConformanceTest(
        "batch-mates", "What a row gives does not depend on the rows beside it.", group: .mathematics, strictness: 2,
        motivation: "Results that change with the batch size (lm-eval#1645, #335)"
    ) { context in
        let instance = try context.instance()
        let length = 20
        try context.require(length: length + 1, of: instance)
        let batch = context.batch(instance, rows: 3, length: length)
        var changed = batch
        let others = context.batch(instance, rows: 3, length: length, "others")
        for index in 0 ..< batch.count where index / batch.length != 1 {
            changed.tokens[index] = others.tokens[index]
            if let target = others.targets?[index] { changed.targets?[index] = target }
        }
        let width = instance.vocabulary
        func middle(_ numbers: [Float], _ width: Int) -> [Float] { Array(numbers[batch.length * width ..< 2 * batch.length * width]) }
        let logits = middle(try instance.logits(batch).floats, width)
        let logitsBeside = middle(try instance.logits(changed).floats, width)
        if let place = logits.indices.first(where: { logits[$0].bitPattern != logitsBeside[$0].bitPattern }) {
            throw CheckEnd.failed("other rows beside it change a logit of position \(place / width) from \(logits[place]) to \(logitsBeside[place])")
        }
        let nats = middle(try instance.score(batch, samples: 1).floats, 1)
        let natsBeside = middle(try instance.score(changed, samples: 1).floats, 1)
        if let place = nats.indices.first(where: { nats[$0].bitPattern != natsBeside[$0].bitPattern }) {
            throw CheckEnd.failed("other rows beside it change the score of position \(place) from \(nats[place]) to \(natsBeside[place])")
        }
        let alone = Closeness(expected: logits, got: try instance.logits(batch.row(1)).floats)
        if let text = alone.complaint { throw CheckEnd.failed("the row alone: \(text)") }
        if !instance.model.claims(SM_STOCHASTIC_LOSS) {
            let scores = Closeness(expected: nats, got: try instance.score(batch.row(1), samples: 1).floats)
            if let text = scores.complaint { throw CheckEnd.failed("the scores of the row alone: \(text)") }
        }
        return "the same bits beside other rows; alone, largest difference \(alone.largest.short)"
    }
}
