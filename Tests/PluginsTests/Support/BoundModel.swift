import Foundation
import PluginHost
import SequenceModel
import Synchronization
import Training

/// A model with parameter and gradient memory. The memory lives as long as the process: sessions may outlive this object.
final class BoundModel {
    let model: any SequenceModel
    let memory: ParameterMemory

    init(
        _ factory: any ModelFactory, _ configuration: JSONValue, scalar: TensorView.Scalar = .float32, threads: Int = 1,
        seed: UInt64 = 1
    ) throws {
        model = try factory.create(configuration, services: ThreadPool(threads: threads))
        memory = try ParameterMemory(for: model, gradients: true, scalar: scalar)
        BoundModel.memories.withLock { $0.append(Kept(memory)) }
        try memory.bind(to: model)
        try memory.initialise(model, seed: seed)
    }

    private struct Kept: @unchecked Sendable {
        let memory: ParameterMemory
        init(_ memory: ParameterMemory) { self.memory = memory }
    }
    private static let memories = Mutex<[Kept]>([])

    var vocabulary: Int { model.shape.vocabulary }

    /// Fills the parameters from a safetensors file with the published names; every one must be there, and no other.
    func load(_ file: SafetensorsFile) throws {
        for index in memory.ownIndices {
            memory.views[index].write(try file.floats(memory.declarations[index].name).map(Double.init))
        }
        model.parametersChanged()
    }

    /// Makes matrices larger than their first values, which are so small that attention has nothing to choose from.
    func scaleMatrices(by factor: Double) {
        for index in memory.ownIndices where memory.views[index].shape.count >= 2 {
            memory.views[index].write(values(memory.views[index]).map { $0 * factor })
        }
        model.parametersChanged()
    }

    func logits(_ tokens: [Int32], rows: Int) throws -> [Float] {
        let batch = Batch(rows: rows, length: tokens.count / rows, tokens: tokens)
        var logits = [Float](repeating: .nan, count: tokens.count * vocabulary)
        try logits.withUnsafeMutableBufferPointer { try model.logits(batch, into: $0) }
        return logits
    }

    /// Values of a gradient.
    func gradient(_ index: Int) throws -> [Double] { values((memory.gradientViews ?? [])[index]) }

    func values(_ view: TensorView) -> [Double] {
        if let floats = view.floats { return floats.map(Double.init) }
        return view.doubles.map(Array.init) ?? []
    }
}

extension SequenceSession {
    /// The logits asked for.
    func logits(_ tokens: [Int32], _ which: LogitsChoice, vocabulary: Int) throws -> [Float] {
        let places = which == .all ? tokens.count * vocabulary : which == .last ? rows * vocabulary : 0
        var logits = [Float](repeating: .nan, count: places)
        try logits.withUnsafeMutableBufferPointer { try append(tokens, logits: which, into: $0) }
        return logits
    }
}

/// Largest absolute difference; infinite when counts differ or anything is not a number.
func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
    guard a.count == b.count else { return .infinity }
    return zip(a, b).reduce(0) { worst, pair in
        let difference = abs(pair.0 - pair.1)
        return difference.isNaN ? .infinity : max(worst, difference)
    }
}

/// Root mean square of a − b over that of b.
func relativeError(_ a: [Double], _ b: [Double]) -> Double {
    guard a.count == b.count else { return .infinity }
    let error = zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    let size = b.reduce(0) { $0 + $1 * $1 }
    return (error / max(size, 1e-60)).squareRoot()
}

/// Deterministic tokens below `limit`.
func someTokens(_ count: Int, below limit: Int, seed: UInt64 = 7) -> [Int32] {
    var stream = RandomKey(seed: seed).stream
    return (0 ..< count).map { _ in Int32(stream.index(below: limit)) }
}
