import Foundation
import Layers
import SequenceModel
import Tensor
import Testing

/// Weights, input, output and gradients of a layer of another implementation: a folder of Tests/Fixtures with names as published.
struct LayerFixture {
    private let folder: URL

    init(_ name: String) {
        folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Fixtures/\(name)")
    }

    /// The float32 tensors of a safetensors file: a length, a JSON header, the numbers.
    func tensors(_ file: String) throws -> [String: (shape: [Int], values: [Double])] {
        let data = [UInt8](try Data(contentsOf: folder.appendingPathComponent(file)))
        let length = data[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = try #require(JSONParser.parse(Array(data[8 ..< 8 + length])).objectValue)
        var found: [String: (shape: [Int], values: [Double])] = [:]
        for name in header.keys where name != "__metadata__" {
            let entry = try #require(header[name])
            #expect(entry["dtype"] == .string("F32"))
            let shape = (entry["shape"]?.arrayValue ?? []).compactMap(\.integerValue)
            let begin = 8 + length + (try #require(entry["data_offsets"]?.arrayValue?.first?.integerValue))
            let values = (0 ..< shape.reduce(1, *)).map { index -> Double in
                let bits = (0 ..< 4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32(data[begin + 4 * index + $1]) }
                return Double(Float(bitPattern: bits))
            }
            found[name] = (shape, values)
        }
        return found
    }

    /// Binds every parameter of `p` to the published tensor of its name and shape; every one of these must be asked for.
    func bind(_ p: Parameters, _ type: ScalarType) throws {
        let published = try tensors("params.safetensors")
        #expect(Set(p.all.map(\.declaration.name)) == Set(published.keys))
        for parameter in p.all {
            let name = parameter.declaration.name
            let (shape, values) = try #require(published[name], "\(name)")
            #expect(shape == parameter.shape, "\(name)")
            let tensor = Tensor(values, shape: shape, type: type)
            tensor.requiresGradient = true
            parameter.bind(tensor)
        }
    }

    /// Gradients of `loss` against the published ones, relative root mean square.
    func checkGradients(_ p: Parameters, of loss: Tensor, tolerance: Double) throws {
        let published = try tensors("grads.safetensors")
        let found = gradients(of: loss, withRespectTo: p.all.map(\.tensor))
        for (parameter, gradient) in zip(p.all, found) {
            let name = parameter.declaration.name
            let expected = try #require(published[name]?.values, "\(name)")
            let error = zip(gradient.toArray(), expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
            let size = expected.reduce(0) { $0 + $1 * $1 }
            #expect((error / size).squareRoot() <= tolerance, "gradient of \(name): \((error / size).squareRoot())")
        }
    }
}
