import CSequenceModel
import Glibc
import PluginHost
import Synchronization

extension ConformanceTest {
    static let cancellation = ConformanceTest(
        "cancellation", "A call that is told to stop returns within 250 ms, and the instance works afterwards.", group: .manners, strictness: 3,
        motivation: "clap-validator's checks for callbacks without end; a user who presses Ctrl-C twice loses the run"
    ) { context in
        let model = try context.model()
        guard model.train != nil else { throw CheckEnd.skipped("without \(SM_TRAIN_1) there is no long call to stop") }
        let host = ForeignHost(context.watch)
        let instance = try context.instance(host: host)
        let limit = instance.shape.maximum_tokens
        let length = limit == 0 ? 256 : Int(min(limit - 1, 256))
        func time(_ body: () throws -> Void) rethrows -> Double {
            let begin = ContinuousClock.now
            try body()
            return (ContinuousClock.now - begin) / .seconds(1)
        }
        let small = context.batch(instance, rows: 1, length: min(length, 8))
        let expected = try instance.loss(small)
        // As many rows as make a call last.
        var rows = 4
        var batch = context.batch(instance, rows: rows, length: length)
        var seconds = try time { _ = try instance.lossAndGradient(batch) }
        while seconds < 0.6, rows < 4096 {
            rows *= seconds < 0.1 ? 4 : 2
            batch = context.batch(instance, rows: rows, length: length)
            seconds = try time { _ = try instance.lossAndGradient(batch) }
        }
        var notes: [String] = []
        for (name, call) in [
            ("loss", { _ = try instance.loss(batch) }), ("loss_and_gradient", { _ = try instance.lossAndGradient(batch) }),
        ] as [(String, () throws -> Void)] {
            let whole = name == "loss" ? try time(call) : seconds
            for delay in [0.0, 0.05] {
                let (begin, waited) = (ContinuousClock.now, ProcessorWait.seconds)
                let polls = host.pollCount.load(ordering: .relaxed)
                host.cancelAfter.withLock { $0 = begin + .milliseconds(Int(delay * 1000)) }
                var status = SM_OK
                do {
                    try call()
                } catch let failure as RawFailure {
                    status = failure.status
                }
                let taken = (ContinuousClock.now - begin) / .seconds(1) - (ProcessorWait.seconds - waited)
                host.cancelAfter.withLock { $0 = nil }
                guard status == SM_OK || status == SM_CANCELLED else { throw CheckEnd.failed("\(name), told to stop, returned \(status)") }
                guard taken <= delay + 0.25 || whole <= delay + 0.25 else {
                    let asked = host.pollCount.load(ordering: .relaxed) - polls
                    throw CheckEnd.failed(
                        "\(name), told to stop after \(Int(delay * 1000)) ms, returned after \(Int(taken * 1000)) ms of \(Int(whole * 1000)); it asked \(asked) times")
                }
                if whole > delay + 0.3, status == SM_OK { throw CheckEnd.failed("\(name) was stopped and returned SM_OK") }
                notes.append("\(name) \(Int(taken * 1000)) of \(Int(whole * 1000)) ms")
            }
        }
        let after = try instance.loss(small)
        guard after == expected else { throw CheckEnd.failed("after being stopped the loss of a batch is \(after), before it was \(expected)") }
        return "\(rows) × \(length) tokens: " + notes.joined(separator: ", ")
    }

    static let hostAfterReturn = ConformanceTest(
        "host-after-return", "No service of the host is called after the call that it was lent to has returned.", group: .manners, strictness: 3,
        motivation: "A callback kept for later runs into memory that is gone"
    ) { context in
        let host = ForeignHost(context.watch, services: ThreadPool(threads: 2))
        func visit(_ host: ForeignHost) throws {
            let instance = try context.unbound(host: host)
            guard host.calls.load(ordering: .relaxed) == 0 else {
                throw CheckEnd.failed("the host was called \(host.calls.load(ordering: .relaxed)) times before anything was bound: create must not")
            }
            try instance.bindFresh(seed: context.seed)
            try Tour(instance, context).run()
        }
        try visit(host)
        let during = host.calls.load(ordering: .relaxed)
        for _ in 0 ..< 10 {
            usleep(10_000)
            let late = host.outsideCalls.load(ordering: .relaxed)
            if late > 0 { throw CheckEnd.failed("\(late) calls into the host while no call was in progress") }
        }
        // Its instance is gone: whoever works now has another host.
        try visit(ForeignHost(context.watch, services: ThreadPool(threads: 2)))
        let late = host.calls.load(ordering: .relaxed) - during
        if late > 0 { throw CheckEnd.failed("\(late) calls into the host of an instance that was destroyed before") }
        return "\(during) calls during, none in 100 ms after"
    }

    static let sameBitsRepeated = ConformanceTest(
        "same-bits-repeated", "The same call gives the same bits again.", group: .manners, strictness: 2,
        motivation: "Results that cannot be repeated at a fixed seed (lm-eval#3357, mamba#528: 2 % from run to run)"
    ) { context in
        let instance = try context.instance()
        let first = try InstanceTrace(instance, context).all()
        for (who, again) in [
            ("again", try InstanceTrace(instance, context).all()), ("of another instance", try InstanceTrace(context.instance(), context).all()),
        ] {
            if let step = first.indices.first(where: { first[$0] != again[$0] }) {
                let place = zip(first[step], again[step]).enumerated().first { $1.0 != $1.1 }?.offset ?? 0
                throw CheckEnd.failed("\(InstanceTrace.name(step)) \(who): number \(place) has other bits")
            }
        }
        return "\(first.reduce(0) { $0 + $1.count }) numbers, the same instance and another"
    }

    static let sameBitsThreads = ConformanceTest(
        "same-bits-threads", "One and two threads give the same bits.", group: .manners, strictness: 3,
        motivation: "Sums in the order in which threads finish: every machine trains another model"
    ) { context in
        func answers(_ threads: Int) throws -> [[UInt64]] {
            let host = ForeignHost(context.watch, services: ThreadPool(threads: threads))
            let instance = try context.instance(host: host)
            var length = 48
            if instance.shape.maximum_tokens > 0 { length = min(length, Int(instance.shape.maximum_tokens) - 1) }
            let batch = context.batch(instance, rows: 6, length: length)
            let block = try instance.bound()
            block.fillGradients(0)
            var result: [[UInt64]] = []
            if instance.model.train != nil {
                result.append([try instance.lossAndGradient(batch).bitPattern])
                result += block.trained.map { block.all(gradient: $0).map(\.bitPattern) }
            }
            if instance.model.score != nil {
                result.append(try instance.logits(batch).floats.map { UInt64($0.bitPattern) })
                result.append(try instance.score(batch, samples: 1).floats.map { UInt64($0.bitPattern) })
            }
            if instance.model.claims(SM_SESSION), instance.model.session != nil {
                let session = try instance.open(rows: 2)
                let tokens = context.tokens(instance, rows: 2, length: length)
                result.append(try session.append(tokens).floats.map { UInt64($0.bitPattern) })
            }
            return result
        }
        let one = try answers(1)
        for threads in [2, 3, 2] {
            let several = try answers(threads)
            if let place = one.indices.first(where: { one[$0] != several[$0] }) {
                throw CheckEnd.failed("\(threads) threads give other bits than one (result \(place) of \(one.count): loss, gradients, logits, scores, session)")
            }
        }
        return "\(one.reduce(0) { $0 + $1.count }) numbers with 1, 2 and 3 threads"
    }

    static let foreignSymbols = ConformanceTest(
        "foreign-symbols", "Symbols out of range are refused with their place, and the instance works afterwards.", group: .manners, strictness: 2,
        motivation: "A token beyond the vocabulary reads what lies behind the embedding"
    ) { context in
        let instance = try context.instance()
        let model = instance.model
        let batch = context.batch(instance, rows: 2, length: 6)
        let expected = model.train == nil ? 0 : try instance.loss(batch)
        var tried = 0
        func refuse(_ what: String, _ call: () throws -> Void) throws {
            tried += 1
            do {
                try call()
            } catch let failure as RawFailure {
                guard failure.status == SM_INVALID_ARGUMENT else { throw CheckEnd.failed("\(what): \(failure.description); SM_INVALID_ARGUMENT is needed") }
                guard failure.message.contains(where: \.isNumber) else { throw CheckEnd.failed("\(what): the message does not say where: \(failure.message)") }
                return
            }
            throw CheckEnd.failed("\(what) was accepted")
        }
        let place = batch.length + 2
        for symbol in [Int32(-1), Int32(instance.vocabulary), .max, .min, -2] {
            var tokens = batch
            tokens.tokens[place] = symbol
            var targets = batch
            targets.targets?[place] = symbol
            for (what, wrong, isTarget) in [("token \(symbol)", tokens, false), ("target \(symbol)", targets, true)] {
                if isTarget, symbol == -1 { continue }  // "nothing is wanted here"
                if model.train != nil {
                    try refuse("loss with \(what)") { _ = try instance.loss(wrong) }
                    try refuse("loss_and_gradient with \(what)") { _ = try instance.lossAndGradient(wrong) }
                }
                if model.score != nil {
                    try refuse("score with \(what)") { _ = try instance.score(wrong) }
                    if !isTarget { try refuse("logits with \(what)") { _ = try instance.logits(wrong) } }
                    if model.claims(SM_PREDICTS), !isTarget { try refuse("predict with \(what)") { _ = try instance.predict(wrong) } }
                }
            }
        }
        var empty = batch
        (empty.rows, empty.tokens, empty.targets) = (0, [0], [0])
        if model.train != nil { try refuse("loss of 0 rows") { _ = try instance.loss(empty) } }
        if model.claims(SM_SESSION), model.session != nil {
            let session = try instance.open(rows: 2)
            let tokens = context.tokens(instance, rows: 2, length: 5)
            try session.append(tokens, SM_LOGITS_NONE)
            for symbol in [Int32(-1), Int32(instance.vocabulary), .max] {
                var wrong = tokens
                wrong[7] = symbol
                try refuse("append with token \(symbol)") { try session.append(wrong, SM_LOGITS_LAST) }
                guard try session.position() == 5 else { throw CheckEnd.failed("after a refused append the position is \(try session.position()), not 5") }
            }
            let fresh = try instance.open(rows: 2)
            try fresh.append(tokens, SM_LOGITS_NONE)
            let got = try session.append(tokens, SM_LOGITS_LAST).floats
            guard try fresh.append(tokens, SM_LOGITS_LAST).floats.elementsEqual(got, by: { $0.bitPattern == $1.bitPattern }) else {
                throw CheckEnd.failed("after a refused append the session is not as before")
            }
        }
        if model.claims(SM_GENERATES), model.generate != nil {
            let answer = try RawGeneration(instance).run(prompt: [0, -5], newTokens: 2, steps: 1, temperature: 1, key: (1, 1))
            guard answer.status == SM_INVALID_ARGUMENT else { throw CheckEnd.failed("generate with token −5 returned \(answer.status)") }
        }
        if model.train != nil {
            let after = try instance.loss(batch)
            guard after == expected else { throw CheckEnd.failed("after refused calls the loss is \(after), before \(expected)") }
        }
        return "\(tried) calls"
    }
}
