import Foundation
import PluginHost
import SequenceModel
import TestSupport
import Testing

@testable import Training

struct ParameterFileTests {
    func memory(seed: UInt64 = 1) throws -> ParameterMemory {
        let model = BigramModel(vocabulary: 4, fault: nil, services: NoHostServices())
        let memory = try ParameterMemory(for: model, gradients: false)
        try memory.initialise(model, seed: seed)
        return memory
    }

    func write(_ folder: TemporaryFolder, _ tensors: [(String, [Int], [Float])]) throws -> String {
        let path = folder.path + "/model.safetensors"
        let storage = tensors.map { $0.2 }
        let entries = tensors.indices.map { index in
            storage[index].withUnsafeBytes {
                SafetensorsEntry(name: tensors[index].0, scalar: .float32, shape: tensors[index].1, bytes: $0)
            }
        }
        try withExtendedLifetime(storage) { try SafetensorsWriter.write(entries, to: path) }
        return path
    }

    let table = [Float](repeating: 2, count: 16)
    let bias: [Float] = [1, 2, 3, 4]

    @Test func roundTrip() throws {
        let folder = TemporaryFolder()
        let one = try memory(seed: 1)
        let two = try memory(seed: 2)
        try ParameterFile.write(one, to: folder.path + "/x")
        try ParameterFile.read(folder.path + "/x", into: two)
        #expect(one.views.map { Array($0.floats!) } == two.views.map { Array($0.floats!) })
        // The tied copy is not in the file.
        #expect(try SafetensorsFile(path: folder.path + "/x").tensors.map(\.name) == ["table.weight", "bias", "steps"])
    }

    @Test func listsAllThatDoesNotFit() throws {
        let folder = TemporaryFolder()
        let path = try write(folder, [("table.weight", [16], table), ("extra", [4], bias), ("head.weight", [2, 2], bias)])
        let error = zooError { try ParameterFile.read(path, into: try memory()) }
        #expect(error?.code == .data)
        #expect(
            error?.message == """
                \(path) does not fit the configuration:
                  wrong shape: table.weight is [16], expected [4, 4]
                  missing: bias [4]
                  missing: steps [1]
                  unexpected: extra [4]
                  unexpected: head.weight [2, 2]
                """)
    }

    @Test func tiedParametersMayBeThereWhenEqual() throws {
        let folder = TemporaryFolder()
        let good: [(String, [Int], [Float])] = [("table.weight", [4, 4], table), ("bias", [4], bias), ("steps", [1], [0])]
        let memory = try memory()
        try ParameterFile.read(try write(folder, good + [("bias_again", [4], bias)]), into: memory)
        #expect(Array(memory.views[2].floats!) == bias)
        let path = try write(folder, good + [("bias_again", [4], [1, 2, 3, 5])])
        #expect(
            zooError { try ParameterFile.read(path, into: memory) }?.message
                == "\(path): bias_again is tied to bias by the configuration, but has other values")
    }

    @Test func configurationFiles() throws {
        let folder = TemporaryFolder()
        func read(_ text: String) throws -> ConfigurationFile { try ConfigurationFile.read(try folder.write("config.json", text)) }
        let file = try read(
            #"{"architectures":["X"],"model_type":"bigram","vocab_size":300,"use_cache":true,"pad_token_id":null,"rope_scaling":null,"layers":2}"#)
        #expect(file.modelType == "bigram")
        // Bookkeeping and nulls go; what the schema has and what nobody knows stays, the latter for the model to refuse.
        #expect(
            file.configuration(for: BigramFactory.description)
                == .object(["vocab_size": .integer(300), "layers": .integer(2)]))
        let path = folder.path + "/config.json"
        #expect(zooError { _ = try read("") }?.message == "configuration \(path) is empty")
        #expect(zooError { _ = try read("[]") }?.message == "configuration \(path) must be a JSON object, not an array")
        #expect(zooError { _ = try read("{}") }?.message == "configuration \(path) has no \"model_type\" that names the model")
        #expect(
            zooError { _ = try read("{\n\"a\": 1,\n}") }?.message == "\(path): JSON, line 3, column 1: a key in quotes was expected")
        #expect(
            zooError { _ = try read(String(repeating: " ", count: 1 << 20) + "{}") }?.message
                == "configuration \(path) has 1048578 bytes; at most 1048576 are read")
        #expect(zooError { _ = try ConfigurationFile.read("/nowhere") }?.message == "configuration /nowhere does not exist")
    }

    /// A run with a plugin across the ABI, opened again from its directory, from a checkpoint, and from the latest one while the run is not over.
    @Test func opensRunsAndCheckpoints() throws {
        let folder = TemporaryFolder()
        let library = try TestPlugins.bigram.get()
        let catalogue = PluginCatalogue(searchPath: [library])
        let entry = try catalogue.entry(named: "bigram")
        let services = ThreadPool(threads: 2)
        var options = TrainingRunTests.options(steps: 8)
        options.learningRate = 0.01
        do {
            let run = try TrainingRun(
                source: ModelSource(entry), configuration: .object([:]), splits: DataSplits(TrainingRunTests.text), options: options,
                path: folder.path, start: .fresh, services: services)
            #expect(try run.run().status == .ok)
        }
        func values(_ path: String) throws -> [[Float]] {
            let loaded = try LoadedModel.open(path, catalogue: catalogue, services: services)
            #expect(loaded.entry.description.id == "bigram")
            let batch = Batch(rows: 1, length: 3, tokens: [1, 2, 3], targets: [2, 3, 4])
            #expect(try loaded.model.loss(batch).isFinite)
            return loaded.memory.views.map { Array($0.floats!) }
        }
        let end = try values(folder.path)
        #expect(try values(folder.path + "/checkpoints/step-8") == end)
        #expect(try values(folder.path + "/checkpoints/step-4") != end)
        try FileManager.default.removeItem(atPath: folder.path + "/model.safetensors")
        #expect(try values(folder.path + "/") == end)
        try FileManager.default.removeItem(atPath: folder.path + "/checkpoints")
        let error = zooError { _ = try values(folder.path) }
        #expect(error?.message == "\(folder.path) has no model.safetensors and no valid checkpoint")
    }

    @Test func openingWhatIsNoCheckpoint() throws {
        let folder = TemporaryFolder()
        let catalogue = PluginCatalogue(searchPath: [])
        func message(_ path: String) -> String? {
            zooError { _ = try LoadedModel.open(path, catalogue: catalogue, services: NoHostServices()) }?.message
        }
        #expect(message("/nowhere/run") == "checkpoint /nowhere/run does not exist")
        #expect(message(folder.path) == "\(folder.path) is not a checkpoint: it has no config.json")
        _ = try folder.write("config.json", #"{"model_type":"bigram"}"#)
        #expect(message(folder.path)?.hasPrefix("\(folder.path)/config.json: there is no model bigram") == true)
    }
}
