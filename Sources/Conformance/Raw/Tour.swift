import CSequenceModel

/// Calls everything that a model offers once, with few tokens.
struct Tour {
    let instance: RawInstance
    let context: CheckContext
    /// Told of each output as it comes.
    var onOutput: (_ call: String, _ output: GuardedOutput) throws -> Void = { _, _ in }
    var length = 9

    init(_ instance: RawInstance, _ context: CheckContext) {
        self.instance = instance
        self.context = context
        let limit = instance.shape.maximum_tokens
        if limit > 0 { length = min(length, max(Int(limit) - 1, 1)) }
    }

    /// Returns how many functions were called. Throws what a call reports.
    @discardableResult
    func run() throws -> Int {
        var calls = 0
        let model = instance.model
        let batch = context.batch(instance, rows: 2, length: length, "tour")
        if model.train != nil {
            _ = try instance.loss(batch)
            calls += 1
            if try instance.bound().hasGradients {
                _ = try instance.lossAndGradient(batch)
                calls += 1
            }
        }
        if model.score != nil {
            try onOutput("score", instance.score(batch))
            try onOutput("logits", instance.logits(batch))
            calls += 2
        }
        if model.claims(SM_PREDICTS), model.score?.predict != nil {
            let (symbols, logs) = try instance.predict(batch)
            try onOutput("predict", symbols)
            try onOutput("predict (log_probability)", logs)
            calls += 1
        }
        if model.claims(SM_SESSION), model.session != nil { calls += try sessions() }
        if model.claims(SM_GENERATES), model.generate != nil {
            _ = try RawGeneration(instance).run(prompt: Array(batch.tokens.prefix(3)), newTokens: 4, steps: 2, temperature: 1, key: (3, 4))
            calls += 1
        }
        return calls
    }

    private func sessions() throws -> Int {
        let tokens = context.tokens(instance, rows: 2, length: length, "tour session")
        let session = try instance.open(rows: 2)
        let half = length / 2
        let first = (0 ..< 2).flatMap { Array(tokens[$0 * length ..< $0 * length + half]) }
        if half > 0 { try onOutput("append (all)", session.append(first, SM_LOGITS_ALL)) }
        let rest = (0 ..< 2).flatMap { Array(tokens[$0 * length + half ..< ($0 + 1) * length]) }
        try onOutput("append (last)", session.append(rest, SM_LOGITS_LAST))
        _ = try session.position()
        _ = try session.stateBytes()
        let copy = try session.fork()
        let state = try session.save()
        _ = try instance.load(state, rows: 2)
        do {
            try copy.rewind(to: 1)
        } catch let failure as RawFailure where failure.status == SM_UNIMPLEMENTED {
            // The contract lets a state say so.
        }
        return 9
    }
}
