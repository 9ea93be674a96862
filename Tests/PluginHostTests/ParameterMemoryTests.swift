import PluginHost
import SequenceModel
import Testing
import TestSupport

@Suite struct ParameterMemoryTests {
    private func model(_ declarations: [ParameterDeclaration]) -> DeclaringModel { DeclaringModel(declarations) }

    @Test func layout() throws {
        let model = model([
            ParameterDeclaration(name: "a", shape: [3], initialiser: .zeros),
            ParameterDeclaration(name: "b", shape: [4, 5], initialiser: .zeros),
            ParameterDeclaration(name: "a.again", shape: [3], initialiser: .zeros, tiedTo: 0),
            ParameterDeclaration(name: "count", shape: [], initialiser: .ones, isBuffer: true),
        ])
        let memory = try ParameterMemory(for: model, gradients: true)
        #expect(memory.parameterCount == 24)
        #expect(memory.trainableCount == 23)
        #expect(memory.ownIndices == [0, 1, 3])
        #expect(memory.views.map(\.shape) == [[3], [4, 5], [3], []])
        for view in memory.views + (memory.gradientViews ?? []) {
            #expect(UInt(bitPattern: view.data) % 64 == 0)
            #expect(view.floats!.allSatisfy { $0 == 0 })
        }
        #expect(memory.views[0].data == memory.views[2].data)
        #expect(memory.gradientViews?[0].data == memory.gradientViews?[2].data)
        #expect(memory.views[1].data - memory.views[0].data == 64)
        #expect(memory.views[3].data - memory.views[1].data == 128)
        #expect(memory.byteCount == 2 * 256)
        #expect(try ParameterMemory(for: model, gradients: false).gradientViews == nil)
        #expect(try ParameterMemory(for: model, gradients: false, scalar: .float64).views[1].doubles?.count == 20)
    }

    /// First values follow from the seed and the name, not from the neighbours or their order.
    @Test func initialisationIsKeyedByName() throws {
        func values(_ names: [String], seed: UInt64) throws -> [String: [Float]] {
            let model = model(names.map { ParameterDeclaration(name: $0, shape: [50], initialiser: .normal(2)) })
            let memory = try ParameterMemory(for: model, gradients: false)
            try memory.initialise(model, seed: seed)
            #expect(model.changes == 1)
            return Dictionary(uniqueKeysWithValues: zip(names, memory.views.map { Array($0.floats!) }))
        }
        let one = try values(["a", "b", "c"], seed: 1)
        let other = try values(["c", "a"], seed: 1)
        #expect(one["a"] == other["a"] && one["c"] == other["c"])
        #expect(one["a"] != one["b"])
        #expect(try values(["a"], seed: 2)["a"] != one["a"])
        var stream = RandomKey(seed: 1).split("a").stream
        #expect(one["a"] == (0 ..< 50).map { _ in Float(2 * stream.normal()) })
    }

    @Test func initialisers() throws {
        let path = try TestPlugins.compile("misbehaving.c", defines: ["VARIANT_CUSTOM"])
        let bigram = try Bigram(path: path, seed: 9)
        let declarations = bigram.model.parameters
        #expect(declarations[0].initialiser == .uniform(from: -0.25, to: 0.75))
        #expect(declarations[0].learningRateMultiplier == 2.5)
        #expect(declarations[2].isBuffer)
        #expect(bigram.memory.trainableCount == 30 && bigram.memory.parameterCount == 35)
        let uniform = Array(bigram.memory.views[0].floats!)
        #expect(uniform.allSatisfy { $0 >= -0.25 && $0 < 0.75 } && Set(uniform).count == uniform.count)
        let key = RandomKey(seed: 9).split("output.bias")
        #expect(Array(bigram.memory.views[2].floats!) == [Float(key.words.0 & 0xFFFF), 2, 2, 3, 4])
        let doubles = try ParameterMemory(for: bigram.model, gradients: false, scalar: .float64)
        let model = model([ParameterDeclaration(name: "x", shape: [2], initialiser: .constant(0.1))])
        let memory = try ParameterMemory(for: model, gradients: false, scalar: .float64)
        try memory.initialise(model, seed: 0)
        #expect(Array(memory.views[0].doubles!) == [0.1, 0.1])
        #expect(doubles.views[0].floats == nil)
    }

    @Test func refusesImpossibleSizes() {
        func verdict(_ declarations: [ParameterDeclaration]) -> String {
            outcome { try ParameterMemory(for: model(declarations), gradients: false) }
        }
        #expect(
            verdict([ParameterDeclaration(name: "a", shape: [1 << 40, 1 << 40], initialiser: .zeros)])
                == "plugin: parameter a has the impossible shape [1099511627776, 1099511627776]")
        #expect(
            verdict([ParameterDeclaration(name: "a", shape: [-1], initialiser: .zeros)])
                == "plugin: parameter a has the impossible shape [-1]")
        #expect(
            verdict([ParameterDeclaration(name: "a", shape: [1], initialiser: .zeros, tiedTo: 3)])
                == "plugin: parameter a is tied to parameter 3, which does not fit")
        let large = (0 ..< 20).map { ParameterDeclaration(name: "\($0)", shape: [1 << 42], initialiser: .zeros) }
        #expect(verdict(large) == "temporary: not enough memory: the parameters take over 2⁴⁶ bytes")
        #expect(
            verdict([ParameterDeclaration(name: "a", shape: [1 << 42], initialiser: .zeros)])
                == "temporary: not enough memory for the parameters of declaring: 17592186044416 bytes")
    }
}

/// A model that only declares.
private final class DeclaringModel: SequenceModel {
    let description = ModelDescription(
        id: "declaring", name: "", family: "", summary: "", paper: "", licence: "", likelihood: .none, capabilities: [],
        configurationSchema: "{}")
    let configuration = JSONValue.object([:])
    let shape = ModelShape(vocabulary: 2, alphabet: 2)
    let parameters: [ParameterDeclaration]
    var changes = 0

    init(_ parameters: [ParameterDeclaration]) { self.parameters = parameters }

    private struct Unused: Error {}
    func initialise(parameter index: Int, key: RandomKey, into values: TensorView) throws { throw Unused() }
    func bind(parameters: [TensorView], gradients: [TensorView]?) throws {}
    func parametersChanged() { changes += 1 }
    func loss(_ batch: Batch) throws -> Double { throw Unused() }
    func lossAndGradient(_ batch: Batch) throws -> Double { throw Unused() }
    func postUpdate(step: Int) throws {}
    func score(_ batch: Batch, samples: Int) throws -> Score { throw Unused() }
    func logits(_ batch: Batch, into logits: UnsafeMutableBufferPointer<Float>) throws { throw Unused() }
    func predict(_ batch: Batch) throws -> Prediction { throw Unused() }
    func openSession(rows: Int) throws -> any SequenceSession { throw Unused() }
    func loadSession(_ state: [UInt8]) throws -> any SequenceSession { throw Unused() }
    func generate(_ request: GenerationRequest, sink: (GenerationEvent) -> Bool) throws { throw Unused() }
}
