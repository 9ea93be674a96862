import Foundation
import SequenceModel
import Testing

@testable import PluginHost

/// A model in double precision whose probes are called without their self-tests, and its parameters by name.
struct ProbedText {
    let bound: BoundModel
    let model: any ProbedModel

    /// - Parameter asInSelfTests: the values that `sequence_model.h` fixes for self-tests, else random ones of some size.
    init(_ library: String, _ id: String, _ configuration: String, asInSelfTests: Bool = false, seed: UInt64 = 3) throws {
        bound = try BoundModel(
            PluginLibrary.factory(library, id), try JSONParser.parse(configuration), scalar: .float64)
        model = try #require(bound.model as? any ProbedModel)
        for index in bound.memory.ownIndices {
            let view = bound.memory.views[index]
            var stream = RandomKey(seed: seed).split(UInt64(index)).stream
            view.write(
                (0 ..< view.count).map {
                    asInSelfTests ? Double(Float(0.5 * sin(Double(1 + $0 + 31 * index)))) : 0.6 * stream.normal()
                })
        }
        model.parametersChanged()
    }

    /// The values of a parameter, row-major.
    subscript(_ name: String) -> [Double] {
        let index = bound.memory.declarations.firstIndex { $0.name == name }
        return index.map { bound.values(bound.memory.views[bound.memory.declarations[$0].tiedTo ?? $0]) } ?? []
    }

    func values(_ probe: String, _ batch: Batch) throws -> [Double] {
        let found = try ModelProbe.named(probe, in: model.probes, of: model.description.id)
        return try model.call(TestedProbe(found), [.batch(batch)]).written[0]
    }

    /// What the self-test of a probe expects, and for which batch.
    func selfTest(_ probe: String) throws -> (expected: [Double], batch: Batch, configuration: JSONValue) {
        let test = try ModelProbe.named(probe, in: model.probes, of: model.description.id).selfTest
        let expected = test["written"]?.arrayValue?.first?.arrayValue?.compactMap(\.doubleValue)
        let rows = try #require(test["arguments"]?.arrayValue?.first)
        func symbols(_ key: String) -> [Int32] { (rows[key]?.arrayValue ?? []).compactMap { $0.integerValue.map(Int32.init) } }
        let batch = Batch(
            rows: try #require(rows["rows"]?.integerValue), length: try #require(rows["length"]?.integerValue),
            tokens: symbols("tokens"), targets: symbols("targets"), key: RandomKey(1, 2))
        return (try #require(expected), batch, try #require(test["configuration"]))
    }
}

/// y[o] = Σ w[o, i] x[i], for w [outputs, inputs].
func product(_ weight: [Double], _ x: [Double]) -> [Double] {
    (0 ..< weight.count / x.count).map { o in x.indices.reduce(0) { $0 + weight[o * x.count + $1] * x[$1] } }
}

/// x / √(mean x² + ε) ⊙ w
func rootMeanSquareNorm(_ x: [Double], _ weight: [Double], _ epsilon: Double) -> [Double] {
    let mean = x.reduce(0) { $0 + $1 * $1 } / Double(x.count)
    return zip(x, weight).map { $0 / (mean + epsilon).squareRoot() * $1 }
}

func silu(_ x: Double) -> Double { x / (1 + exp(-x)) }

/// −Σ p ln p of softmax(scores).
func entropy(_ scores: [Double]) -> Double {
    let top = scores.max() ?? 0
    let weights = scores.map { exp($0 - top) }
    let total = weights.reduce(0, +)
    return weights.reduce(0) { $0 - ($1 > 0 ? $1 / total * log($1 / total) : 0) }
}

func isNear(_ a: [Double], _ b: [Double], _ tolerance: Double) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance }
}
