import Foundation
import PluginHost
import SequenceModel
import Training

/// Weights, inputs, logits, gradients and continuation of another implementation: a folder of Tests/Fixtures.
struct ParityFixture {
    let configuration: JSONValue
    let weights: SafetensorsFile
    let gradients: SafetensorsFile
    /// [2, 21]
    let ids: [Int32]
    /// [2, 21, V]
    let logits: [Float]
    let loss: Double
    /// [2, 17]: a prompt and what followed it, most likely symbol by most likely symbol.
    let greedy: [Int32]
    let rows = 2

    init(_ name: String) throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Fixtures/\(name)")
        let text = try Data(contentsOf: folder.appendingPathComponent("config.json"))
        configuration = try JSONParser.parse([UInt8](text))
        func open(_ file: String) throws -> SafetensorsFile {
            try SafetensorsFile(path: folder.appendingPathComponent(file).path)
        }
        weights = try open("model.safetensors")
        gradients = try open("grads.safetensors")
        let io = try open("io.safetensors")
        ids = try io.integers("ids").map { Int32($0) }
        logits = try io.floats("logits")
        loss = Double(try io.floats("loss")[0])
        greedy = try io.integers("greedy").map { Int32($0) }
    }

    /// The batch whose loss is the fixture's: the mean over B · (T − 1) next symbols.
    var batch: Batch {
        let length = ids.count / rows
        var targets = ids
        for row in 0 ..< rows {
            for column in 0 ..< length {
                targets[row * length + column] = column + 1 < length ? ids[row * length + column + 1] : -1
            }
        }
        return Batch(rows: rows, length: length, tokens: ids, targets: targets)
    }
}
