import SequenceModel

/// A model without parameters whose likelihood is known in closed form: the symbol after x is (x + 1) mod A with probability
/// `certainty`, every other symbol equally likely.
///
/// Kinds of it: next-symbol or in place, exact or a bound with noise of known size, with or without a limit.
final class AnalyticModel: SequenceModel {
    var description: ModelDescription
    var shape: ModelShape
    let certainty: Double
    /// Standard deviation of what a bound adds to each row, from the batch's key.
    var noise = 0.0
    /// What score answers instead, when set.
    var forcedNats: Float?
    /// Every batch that was scored.
    private(set) var scored: [Batch] = []
    var sessionOptions = FakeSession.Options()

    init(
        alphabet: Int = 256, certainty: Double = 0.75, likelihood: Likelihood = .exact,
        capabilities: Capabilities = [.causal, .session], maximumTokens: Int? = nil, maskSymbol: Int? = nil
    ) {
        self.certainty = certainty
        shape = ModelShape(
            vocabulary: maskSymbol.map { max(alphabet, $0 + 1) } ?? alphabet, alphabet: alphabet,
            maskSymbol: maskSymbol,
            maximumTokens: maximumTokens)
        description = ModelDescription(
            id: "analytic", name: "Analytic", family: "test", summary: "", paper: "", licence: "Apache-2.0",
            likelihood: likelihood, capabilities: capabilities, configurationSchema: "{}")
    }

    var configuration: JSONValue { .object([:]) }
    var parameters: [ParameterDeclaration] { [] }
    func initialise(parameter index: Int, key: RandomKey, into values: TensorView) throws {}
    func bind(parameters: [TensorView], gradients: [TensorView]?) throws {}
    func parametersChanged() {}
    func postUpdate(step: Int) throws {}
    func loss(_ batch: Batch) throws -> Double { 0 }
    func lossAndGradient(_ batch: Batch) throws -> Double { 0 }

    func nats(of symbol: Int32, after previous: Int32) -> Double {
        let isExpected = Int(symbol) == (Int(previous) + 1) % shape.alphabet
        return -logarithm(isExpected ? certainty : (1 - certainty) / Double(shape.alphabet - 1))
    }

    func score(_ batch: Batch, samples: Int) throws -> Score {
        try batch.validate(for: shape)
        scored.append(batch)
        let inPlace = description.capabilities.contains(.targetsInPlace)
        var stream = batch.key.stream
        var nats = [Float](repeating: 0, count: batch.targets.count)
        for row in 0 ..< batch.rows {
            let error = noise == 0 ? 0 : noise * stream.normal()
            for position in 0 ..< batch.length {
                let index = row * batch.length + position
                let target = batch.targets[index]
                guard target >= 0 else { continue }
                let previous = batch.tokens[inPlace ? index - 1 : index]
                nats[index] = forcedNats ?? Float(self.nats(of: target, after: previous))
                if position == batch.length - 1 { nats[index] += Float(error) }
            }
        }
        return Score(nats: nats, samples: max(samples, 1), estimator: noise == 0 ? "" : "noise")
    }

    func logits(_ batch: Batch, into logits: UnsafeMutableBufferPointer<Float>) throws {
        try batch.validate(for: shape)
        for (index, token) in batch.tokens.enumerated() {
            write(
                after: token,
                into: UnsafeMutableBufferPointer(
                    rebasing: logits[index * shape.vocabulary ..< (index + 1) * shape.vocabulary]))
        }
    }

    func write(after token: Int32, into logits: UnsafeMutableBufferPointer<Float>) {
        for symbol in 0 ..< shape.vocabulary {
            logits[symbol] = symbol < shape.alphabet ? Float(-nats(of: Int32(symbol), after: token)) : 100
        }
    }

    func predict(_ batch: Batch) throws -> Prediction { throw SequenceModelError(.unimplemented, "predict") }
    func openSession(rows: Int) throws -> any SequenceSession { FakeSession(self, options: sessionOptions) }
    func loadSession(_ state: [UInt8]) throws -> any SequenceSession {
        throw SequenceModelError(.unimplemented, "load")
    }

    func generate(_ request: GenerationRequest, sink: (GenerationEvent) -> Bool) throws {
        func tell(_ event: GenerationEvent) throws {
            if !sink(event) { throw SequenceModelError(.cancelled, "stopped") }
        }
        let mask = Int32(shape.maskSymbol ?? 0)
        try tell(.append([Int32](repeating: mask, count: request.newTokens)))
        for index in 0 ..< request.newTokens {
            try tell(.step(index: index, count: request.newTokens))
            if sessionOptions.secondsPerToken > 0 { spin(sessionOptions.secondsPerToken) }
            try tell(.replace(begin: request.prompt.count + index, symbols: [65]))
        }
        try tell(.done)
    }
}

/// Waits without giving the processor away, so that short waits are exact.
func spin(_ seconds: Double) {
    let begin = ContinuousClock.now
    while ContinuousClock.now - begin < .seconds(seconds) {}
}
