import Foundation
import Layers
import SequenceModel
import Tensor
import Testing
import Training

/// TTT layers against the authors' code (test-time-training/ttt-lm-pytorch@cd831db), and their two forms against each other.
@Suite struct TestTimeTrainingTests {
    private struct Fixture {
        let folder: URL

        init() {
            folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .appendingPathComponent("Fixtures/off_ttt_linear")
        }

        func file(_ name: String) throws -> SafetensorsFile {
            try SafetensorsFile(path: folder.appendingPathComponent("\(name).safetensors").path)
        }
    }

    private func layer(expansion: Int? = nil, shared: Int? = nil) -> (Parameters, TestTimeTraining) {
        let p = Parameters()
        var shape = TestTimeTraining.Shape(width: 32, heads: 4, expansion: expansion)
        shape.miniBatch = 4
        shape.hasGate = true
        shape.sharedConvolutionWidth = shared
        return (p, TestTimeTraining(p, shape))
    }

    private func largest(_ a: [Double], _ b: [Double]) -> Double {
        a.count == b.count ? zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) } : .infinity
    }

    /// The fixture's 14 tokens end in the middle of a mini-batch of 4.
    @Test func outputAndEveryGradientAreTheAuthors() throws {
        let fixture = Fixture()
        let (weights, io, slopes) = (try fixture.file("params"), try fixture.file("io"), try fixture.file("grads"))
        let (p, layer) = layer()
        #expect(Set(p.all.map(\.declaration.name)) == Set(weights.tensors.map(\.name)))
        for parameter in p.all {
            let name = parameter.declaration.name
            #expect(weights[name]?.shape == parameter.shape, "\(name)")
            let tensor = Tensor(try weights.floats(name).map(Double.init), shape: parameter.shape)
            tensor.requiresGradient = true
            parameter.bind(tensor)
        }
        let x = Tensor(try io.floats("x").map(Double.init), shape: [2, 14, 32])
        let y = layer(x)
        #expect(largest(y.toArray(), try io.floats("y").map(Double.init)) <= 1e-5)
        let found = gradients(of: y.square().mean(), withRespectTo: p.all.map(\.tensor))
        for (parameter, gradient) in zip(p.all, found) {
            let expected = try slopes.floats(parameter.declaration.name).map(Double.init)
            let error = zip(gradient.toArray(), expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
            let size = expected.reduce(0) { $0 + $1 * $1 }.squareRoot()
            #expect(error <= 1e-3 * size, "\(parameter.declaration.name): \(error) at \(size)")
        }
    }

    /// Any cut, inside mini-batches and at their ends; for the hidden layer and the shared projection too.
    @Test(arguments: [(nil, nil), (4, nil), (nil, 4), (2, 3)] as [(Int?, Int?)])
    func sessionsGiveWhatTheWholeGives(_ expansion: Int?, _ shared: Int?) {
        let (p, layer) = layer(expansion: expansion, shared: shared)
        for parameter in p.all {
            var stream = RandomKey(seed: 5).split(parameter.declaration.name).stream
            parameter.bind(
                Tensor((0 ..< parameter.shape.reduce(1, *)).map { _ in 0.3 * stream.normal() }, shape: parameter.shape))
        }
        var stream = RandomKey(seed: 6).stream
        let x = Tensor((0 ..< 2 * 23 * 32).map { _ in stream.normal() }, shape: [2, 23, 32])
        let whole = layer(x)
        for cuts in [[0, 9, 14, 23], Array(0 ... 23), [0, 4, 8, 21, 23]] {
            var state = layer.initialState(rows: 2, scalarType: .float64)
            for (begin, end) in zip(cuts, cuts.dropFirst()) {
                let part = layer(x.sliced(axis: 1, begin ..< end), position: begin, &state)
                #expect(largest(part.toArray(), whole.sliced(axis: 1, begin ..< end).toArray()) < 1e-11)
            }
        }
    }
}
