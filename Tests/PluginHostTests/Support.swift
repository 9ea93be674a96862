import Foundation
import PluginHost
import SequenceModel
import TestSupport
import Testing

/// The error that `body` ends with, as `code: message`, or what it returned.
func outcome<Result>(_ body: () throws -> Result) -> String {
    do {
        return "no error: \(try body())"
    } catch let error as ZooError {
        return "\(error.code): \(error.message)"
    } catch let error as SequenceModelError {
        return "\(error.code.rawValue): \(error.message)"
    } catch {
        return "\(error)"
    }
}

/// A small bigram model (V = 5, R = 3) with memory bound and initialised.
struct Bigram {
    let model: any SequenceModel
    let memory: ParameterMemory

    init(
        path: String? = nil, gradients: Bool = true, seed: UInt64 = 1, services: any HostServices = NoHostServices()
    ) throws {
        let plugin = try Plugin.load(path ?? TestPlugins.bigram.get())
        model = try plugin.models[0].create(
            .object(["vocab_size": .integer(5), "hidden_size": .integer(3)]), services: services)
        memory = try ParameterMemory(for: model, gradients: gradients)
        try memory.bind(to: model)
        try memory.initialise(model, seed: seed)
    }

    /// The logits after symbol `x`, computed in Swift from the parameters.
    func expectedLogits(after x: Int) -> [Double] {
        let embedding = memory.views[0].floats!, output = memory.views[1].floats!, bias = memory.views[2].floats!
        return (0 ..< 5).map { v in
            (0 ..< 3).reduce(Double(bias[v])) { $0 + Double(embedding[x * 3 + $1]) * Double(output[$1 * 5 + v]) }
        }
    }

    func expectedNats(after x: Int, target: Int) -> Double {
        let logits = expectedLogits(after: x)
        return log(logits.reduce(0) { $0 + exp($1) }) - logits[target]
    }
}
