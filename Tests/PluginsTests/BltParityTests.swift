import Foundation
import SequenceModel
import Testing
import Training

@testable import PluginHost

/// BLT against `BltForCausalLM` of transformers 5.23.0, through the C ABI.
@Suite struct BltParityTests {
    /// One text of 24 ids, its logits, and what the patcher made of it.
    private struct Fixture {
        let configuration: JSONValue
        let weights: SafetensorsFile
        let gradients: SafetensorsFile
        let ids: [Int32]
        let logits: [Float]
        let loss: Double
        let entropies: [Float]
        let patchLengths: [Int]

        init() throws {
            let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .appendingPathComponent("Fixtures/BltForCausalLM")
            configuration = try JSONParser.parse([UInt8](Data(contentsOf: folder.appendingPathComponent("config.json"))))
            func open(_ file: String) throws -> SafetensorsFile { try SafetensorsFile(path: folder.appendingPathComponent(file).path) }
            weights = try open("model.safetensors")
            gradients = try open("grads.safetensors")
            let io = try open("io.safetensors")
            ids = try io.integers("ids").map { Int32($0) }
            logits = try io.floats("logits")
            loss = Double(try io.floats("loss")[0])
            entropies = try io.floats("entropies")
            patchLengths = try io.integers("patch_lengths").map { Int($0) }
        }

        var batch: Batch { Batch(rows: 1, length: ids.count, tokens: ids, targets: Array(ids.dropFirst()) + [-1]) }
    }

    private func open(_ more: [(String, JSONValue)] = []) throws -> (Fixture, BoundModel) {
        let fixture = try Fixture()
        var configuration = try #require(fixture.configuration.objectValue)
        for (key, value) in more { configuration[key] = value }
        let model = try BoundModel(PluginLibrary.factory("ByteLevel", "blt"), .object(configuration))
        try model.load(fixture.weights)
        return (fixture, model)
    }

    private func probe(_ name: String, _ model: BoundModel, _ batch: Batch) throws -> [Double] {
        let probed = try #require(model.model as? any ProbedModel)
        let found = try ModelProbe.named(name, in: probed.probes, of: "blt")
        return try probed.call(TestedProbe(found), [.batch(batch)]).written[0]
    }

    @Test func publishedNamesLoadAsTheyAre() throws {
        let (fixture, model) = try open()
        let declared = Set(model.memory.ownIndices.map { model.memory.declarations[$0].name })
        #expect(declared == Set(fixture.weights.tensors.map(\.name)))
    }

    @Test func entropiesAndPatchLengthsAgree() throws {
        let (fixture, model) = try open()
        let entropies = try probe("entropy_by_position", model, fixture.batch)
        #expect(largestDifference(entropies.prefix(24).map(Float.init), fixture.entropies) <= 1e-5)
        let ends = try probe("border_by_position", model, fixture.batch).indices(where: { $0 == 1 })
        var expected: [Int] = []
        for length in fixture.patchLengths { expected.append((expected.last ?? -1) + length) }
        // The last patch of the fixture is open: nothing says that it ends.
        #expect(ends == Array(expected.dropLast()))
    }

    @Test func logitsAgree() throws {
        let (fixture, model) = try open()
        #expect(largestDifference(try model.logits(fixture.ids, rows: 1), fixture.logits) <= 1e-4)
    }

    @Test func lossAndEveryGradientAgree() throws {
        let (fixture, model) = try open()
        #expect(abs(try model.model.lossAndGradient(fixture.batch) - fixture.loss) <= 1e-5)
        for index in model.memory.ownIndices {
            let declaration = model.memory.declarations[index]
            guard !declaration.name.hasPrefix("model.patcher.") else {
                #expect(declaration.isBuffer, "\(declaration.name) comes trained")
                continue
            }
            let expected = try fixture.gradients.floats(declaration.name).map(Double.init)
            #expect(relativeError(try model.gradient(index), expected) <= 1e-3, "gradient of \(declaration.name)")
        }
    }

    /// With the offset of published models symbols are bytes: ids 4 to 259, whose logits are the same.
    @Test func bytesAreIdsBehindTheSpecialOnes() throws {
        let (fixture, model) = try open([("byte_offset", .integer(4))])
        #expect(model.model.shape.vocabulary == 256 && model.model.shape.alphabet == 256)
        let (_, plain) = try open()
        let bytes = Array(fixture.ids.dropFirst().map { $0 - 4 })
        let logits = try model.logits(bytes, rows: 1)
        let expected = try plain.logits(bytes.map { $0 + 4 }, rows: 1)
        for position in bytes.indices {
            #expect(
                largestDifference(
                    Array(logits[position * 256 ..< (position + 1) * 256]), Array(expected[position * 260 + 4 ..< (position + 1) * 260]))
                    <= 1e-6)  // a product of another width rounds otherwise
        }
    }

    @Test func sessionsGiveThePublishedLogits() throws {
        let (fixture, model) = try open()
        let session = try model.model.openSession(rows: 1)
        for (begin, end) in [(0, 1), (1, 2), (2, 9), (9, 10), (10, 24)] {
            let logits = try session.logits(Array(fixture.ids[begin ..< end]), .all, vocabulary: 260)
            #expect(largestDifference(logits, Array(fixture.logits[begin * 260 ..< end * 260])) <= 1e-4)
        }
    }
}

extension [Double] {
    fileprivate func indices(where condition: (Double) -> Bool) -> [Int] { indices.filter { condition(self[$0]) } }
}
