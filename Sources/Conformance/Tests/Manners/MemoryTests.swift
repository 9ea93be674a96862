import CSequenceModel
import Glibc

extension ConformanceTest {
    static let outOfBounds = ConformanceTest(
        "out-of-bounds", "No byte outside a tensor or an output is written.", group: .manners, strictness: 2,
        motivation: "clap-validator gives a larger buffer than it tells of and looks at the rest; PostgreSQL 17.1 overran what extensions had allocated"
    ) { context in
        let instance = try context.instance()
        let block = try instance.bound()
        var outputs = 0
        for length in [1, 9, 33] {
            var tour = Tour(instance, context)
            tour.length = min(length, tour.length == 9 ? length : tour.length)
            tour.onOutput = { call, output in
                outputs += 1
                if let distance = output.overrun { throw CheckEnd.failed("\(call) wrote \(distance < 0 ? "before" : "\(distance) numbers behind") its output of \(output.count)") }
            }
            try tour.run()
            for (memory, what) in [(block.values, "parameter"), (block.gradients, "gradient")] {
                guard let damage = memory.damage() else { continue }
                let name = damage.block < 0 ? "the first" : block.declarations[block.own[damage.block]].name
                throw CheckEnd.failed("\(damage.distance) bytes behind the \(what) of \(name) a byte was written (or before the next one)")
            }
        }
        return "\(outputs) outputs, \(2 * block.own.count) tensors"
    }

    static let parametersReadOnly = ConformanceTest(
        "parameters-read-only", "Scoring, sessions and gradients do not write parameters.", group: .manners, strictness: 2,
        motivation: "clap-validator's \"plugin has overwritten an input buffer\"; a model that normalises its weights in place is another at each call"
    ) { context in
        let instance = try context.instance()
        let block = try instance.bound()
        let before = block.values.snapshot()
        try Tour(instance, context).run()
        if let place = block.values.difference(from: before) { throw CheckEnd.failed("\(block.declarations[block.own[place]].name) was written") }
        // Written and put back is written too.
        context.watch.note = "parameters are protected against writing"
        block.values.protect()
        defer { block.values.unprotect() }
        try Tour(instance, context).run()
        context.watch.note = ""
        return "\(block.own.count) tensors, compared and then protected"
    }

    static let outputsWritten = ConformanceTest(
        "outputs-written", "Every output is written whole, with finite numbers.", group: .manners, strictness: 2,
        motivation: "clap-validator fills outputs with a NaN of known payload; pluginval counts NaN, infinite and subnormal numbers"
    ) { context in
        let instance = try context.instance()
        var outputs = 0
        for length in [1, 9, 33] {
            var tour = Tour(instance, context)
            tour.length = min(length, tour.length == 9 ? length : tour.length)
            tour.onOutput = { call, output in
                outputs += 1
                // Where nothing is wanted predict has no probability to tell.
                let isPartial = call.contains("log_probability")
                if !isPartial, let place = output.firstUnwritten { throw CheckEnd.failed("\(call) left number \(place) of \(output.count) unwritten") }
                if !call.hasPrefix("predict") || isPartial, let place = output.firstNotFinite {
                    throw CheckEnd.failed("\(call): number \(place) of \(output.count) is \(output.floats[place])")
                }
            }
            try tour.run()
            guard instance.model.train != nil else { continue }
            let batch = context.batch(instance, rows: 2, length: tour.length)
            for (name, loss) in [("loss", try instance.loss(batch)), ("loss_and_gradient", try instance.lossAndGradient(batch))] where !loss.isFinite {
                throw CheckEnd.failed("\(name) gave \(loss)")
            }
        }
        return "\(outputs) outputs"
    }

    static let inputsUntouched = ConformanceTest(
        "inputs-untouched", "Tokens, targets, weights and the structs of the caller are left as they were.", group: .manners, strictness: 2,
        motivation: "clap-validator compares input buffers and descriptor structs after each call"
    ) { context in
        let instance = try context.instance()
        let model = instance.model
        var batch = context.batch(instance, rows: 2, length: 9)
        batch.weights = (0 ..< batch.count).map { 0.5 + Float($0 % 3) }
        // Copies that share no memory with what the plugin is given.
        var copy = batch
        copy.tokens = batch.tokens.map { $0 }
        copy.targets = batch.targets.map { $0.map { $0 } }
        copy.weights = batch.weights.map { $0.map { $0 } }
        var tried = 0
        func untouched(_ name: String, _ call: (UnsafePointer<sm_batch>) -> Int32) throws {
            tried += 1
            let changed: String? = try batch.withStruct { given in
                let before = given.pointee
                let status = model.plugin.watch.call(name) { call(given) }
                guard status == SM_OK else { throw CheckEnd.failed("\(name) returned \(status)") }
                let same = withUnsafeBytes(of: before) { old in
                    withUnsafeBytes(of: given.pointee) { new in old.elementsEqual(new) }
                }
                return same ? nil : "the batch struct"
            }
            if let changed { throw CheckEnd.failed("\(name) wrote into \(changed)") }
            for (what, same) in [("tokens", batch.tokens == copy.tokens), ("targets", batch.targets == copy.targets), ("weights", batch.weights == copy.weights)]
            where !same {
                throw CheckEnd.failed("\(name) wrote into the \(what)")
            }
        }
        var loss = 0.0
        if let table = model.train {
            if let function = table.loss { try untouched("loss") { function(instance.handle, $0, &loss, nil) } }
            if let function = table.loss_and_gradient { try untouched("loss_and_gradient") { function(instance.handle, $0, &loss, nil) } }
        }
        if let table = model.score {
            let nats = try GuardedOutput(count: batch.count)
            let logits = try GuardedOutput(count: batch.count * instance.vocabulary)
            if let function = table.score { try untouched("score") { function(instance.handle, $0, 1, nats.floatAddress, nil, nil) } }
            if let function = table.logits { try untouched("logits") { function(instance.handle, $0, logits.floatAddress, nil) } }
            if model.claims(SM_PREDICTS), let function = table.predict {
                try untouched("predict") { function(instance.handle, $0, nats.integerAddress, nil, nil) }
            }
        }
        if model.claims(SM_SESSION), model.session != nil {
            let tokens = context.tokens(instance, rows: 1, length: 9)
            let given = tokens.map { $0 }
            let session = try instance.open(rows: 1)
            try session.append(given, SM_LOGITS_LAST)
            guard given == tokens else { throw CheckEnd.failed("append wrote into its tokens") }
            tried += 1
        }
        return "\(tried) functions"
    }
}
