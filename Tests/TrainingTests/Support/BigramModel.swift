import Foundation
import SequenceModel

/// A real model small enough to check by hand: logits of the next symbol are a row of a table, plus a bias that is not decayed, with a
/// tied copy and a buffer that counts steps, so that every kind of parameter goes through a run.
final class BigramModel: SequenceModel {
    /// Makes gradients or losses go wrong at a step (counted from 1).
    struct Fault: Equatable {
        enum Kind { case nonFiniteLoss, nonFiniteGradient, error, cancelled }
        var kind: Kind
        var step: Int
    }

    static let schema = #"{"type":"object","properties":{"vocab_size":{"type":"integer","default":256}}}"#

    let description = BigramFactory.description
    let vocabulary: Int
    let fault: Fault?
    let services: any HostServices
    private var values: [TensorView] = []
    private var gradients: [TensorView] = []
    private var evaluations = 0

    init(vocabulary: Int, fault: Fault?, services: any HostServices) {
        self.vocabulary = vocabulary
        self.fault = fault
        self.services = services
    }

    var configuration: JSONValue { .object(["vocab_size": .integer(Int64(vocabulary))]) }
    var shape: ModelShape { ModelShape(vocabulary: vocabulary, alphabet: vocabulary, maximumTokens: 512) }
    var parameters: [ParameterDeclaration] {
        [
            ParameterDeclaration(name: "table.weight", shape: [vocabulary, vocabulary], initialiser: .normal(0.1)),
            ParameterDeclaration(
                name: "bias", shape: [vocabulary], initialiser: .zeros, weightDecay: false, learningRateMultiplier: 2),
            ParameterDeclaration(name: "bias_again", shape: [vocabulary], initialiser: .zeros, tiedTo: 1),
            ParameterDeclaration(name: "steps", shape: [1], initialiser: .zeros, isBuffer: true),
        ]
    }

    func initialise(parameter index: Int, key: RandomKey, into values: TensorView) throws {}
    func bind(parameters: [TensorView], gradients: [TensorView]?) throws {
        values = parameters
        self.gradients = gradients ?? []
    }
    func parametersChanged() {}
    func loss(_ batch: Batch) throws -> Double { try evaluate(batch, accumulate: false) }
    func lossAndGradient(_ batch: Batch) throws -> Double {
        evaluations += 1
        let loss = try evaluate(batch, accumulate: true)
        guard let fault, Int(values[3].floats![0]) + 1 == fault.step else { return loss }
        switch fault.kind {
        case .nonFiniteLoss: return .nan
        case .nonFiniteGradient:
            gradients[1].floats![3] = .infinity
            return loss
        case .error: throw SequenceModelError(.internal, "made to fail")
        case .cancelled: throw SequenceModelError(.cancelled, "made to stop")
        }
    }
    func postUpdate(step: Int) throws { values[3].floats![0] += 1 }

    private func evaluate(_ batch: Batch, accumulate: Bool) throws -> Double {
        try batch.validate(for: shape)
        let table = values[0].floats!
        let bias = values[1].floats!
        var loss = 0.0
        let even = 1 / Float(max(batch.targetCount, 1))
        for place in batch.tokens.indices where batch.targets[place] >= 0 {
            let row = Int(batch.tokens[place]) * vocabulary
            let target = Int(batch.targets[place])
            let weight = batch.weights?[place] ?? even
            var probabilities = (0 ..< vocabulary).map { exp(Double(table[row + $0] + bias[$0])) }
            let sum = probabilities.reduce(0, +)
            loss += Double(weight) * (log(sum) - Double(table[row + target] + bias[target]))
            guard accumulate else { continue }
            for index in probabilities.indices { probabilities[index] /= sum }
            probabilities[target] -= 1
            for index in probabilities.indices {
                gradients[0].floats![row + index] += weight * Float(probabilities[index])
                gradients[1].floats![index] += weight * Float(probabilities[index])
            }
        }
        return loss
    }

    func score(_ batch: Batch, samples: Int) throws -> Score { throw SequenceModelError(.unimplemented, "no") }
    func logits(_ batch: Batch, into logits: UnsafeMutableBufferPointer<Float>) throws {
        throw SequenceModelError(.unimplemented, "no")
    }
    func predict(_ batch: Batch) throws -> Prediction { throw SequenceModelError(.unimplemented, "no") }
    func openSession(rows: Int) throws -> any SequenceSession { throw SequenceModelError(.unimplemented, "no") }
    func loadSession(_ state: [UInt8]) throws -> any SequenceSession { throw SequenceModelError(.unimplemented, "no") }
    func generate(_ request: GenerationRequest, sink: (GenerationEvent) -> Bool) throws {
        throw SequenceModelError(.unimplemented, "no")
    }
}

struct BigramFactory: ModelFactory {
    var fault: BigramModel.Fault?

    static let description = ModelDescription(
        id: "bigram", name: "Bigram", family: "table", summary: "A table of the next symbol.", paper: "Shannon 1948",
        licence: "Apache-2.0", likelihood: .exact, capabilities: [.causal], configurationSchema: BigramModel.schema)
    var description: ModelDescription { BigramFactory.description }

    func resolve(_ configuration: JSONValue) throws -> JSONValue {
        let keys = configuration.objectValue?.keys ?? []
        for key in keys where key != "vocab_size" { throw SequenceModelError(.invalidArgument, "unknown key \(key)") }
        return .object(["vocab_size": configuration["vocab_size"] ?? .integer(256)])
    }
    func propose(_ budget: Budget) throws -> JSONValue { .object(["vocab_size": .integer(256)]) }
    func create(_ configuration: JSONValue, services: any HostServices) throws -> any SequenceModel {
        let resolved = try resolve(configuration)
        return BigramModel(vocabulary: resolved["vocab_size"]?.integerValue ?? 256, fault: fault, services: services)
    }
}
