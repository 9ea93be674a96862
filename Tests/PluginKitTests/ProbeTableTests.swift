import CSequenceModel
import Layers
import SequenceModel
import Tensor
import Testing

@testable import PluginKit

/// `sm.probes/1` of a Swift model, as a host in C would see it.
@Suite struct ProbeTableTests {
    private typealias Function =
        @convention(c) (OpaquePointer, UnsafePointer<sm_batch>, UnsafePointer<sm_tensor>, UnsafeMutablePointer<sm_error>?) -> Int32

    private func table() throws -> sm_probes {
        let pointer = Exported.table.extension?(1, SM_PROBES_1)
        return try #require(pointer).load(as: sm_probes.self)
    }

    private func described(_ index: UInt32) throws -> sm_probe {
        var probe = sm_probe()
        probe.struct_size = UInt32(MemoryLayout<sm_probe>.size)
        let table = try table()
        #expect(call { table.describe?(index, &probe, $0) } == "0")
        return probe
    }

    private func text(_ pointer: UnsafePointer<CChar>?) -> String { pointer.map { String(cString: $0) } ?? "" }

    @Test func describes() throws {
        let table = try table()
        #expect(table.struct_size == 24 && table.count == 2)
        let probe = try described(0)
        #expect(text(probe.name) == "mean_row" && text(probe.summary) == "Mean of the rows that are read.")
        #expect(text(probe.signature) == "BW->" && probe.function != nil)
        #expect(try text(described(1).name) == "misshapen")
        var past = sm_probe()
        past.struct_size = 48
        #expect(call { table.describe?(2, &past, $0) } == "5: probe 2; there are 2")
        // A shorter struct is filled as far as it goes.
        var short = sm_probe()
        short.struct_size = 24
        #expect(call { table.describe?(0, &short, $0) } == "0")
        #expect(short.summary != nil && short.signature == nil && short.function == nil)
    }

    @Test func selfTestIsWhole() throws {
        let test = try JSONParser.parse(text(described(0).self_test))
        #expect(test["configuration"]?["vocab_size"] == .integer(3) && test["configuration"]?["hidden_size"] == .integer(8))
        let batch = test["arguments"]?.arrayValue?[0]
        #expect(batch?["rows"] == .integer(2) && batch?["length"] == .integer(8))
        // (7 k + 3) mod 2
        let tokens = (0 ..< 16).map { (index: Int) -> Int in (index + 1) % 2 }
        let targets = (0 ..< 16).map { (index: Int) -> Int in index % 8 == 7 ? -1 : index % 2 }
        #expect(batch?["tokens"]?.arrayValue?.compactMap(\.integerValue) == tokens)
        #expect(batch?["targets"]?.arrayValue?.compactMap(\.integerValue) == targets)
        #expect(test["arguments"]?.arrayValue?[1] == .null)
        #expect(test["written"]?.description == "[[1,2,3]]" || test["written"]?.description == "[[1.0,2.0,3.0]]")
    }

    @Test func saysWhatComesBack() throws {
        let table = try table()
        let handle = try #require(ExportedHandle(1, #"{"vocab_size":5}"#))
        func outputs(_ index: UInt32) -> String {
            let collector = Collector()
            var writer = collector.writer
            let status = call { table.outputs?(handle.handle, index, &writer, $0) }
            return status == "0" ? collector.text : status
        }
        #expect(outputs(0) == #"[{"axes":["symbol"],"extents":[5],"labels":[null],"unit":"logits","combine":"mean"}]"#)
        #expect(outputs(1) == #"[{"axes":["side"],"extents":[2],"labels":[["left","right"]],"unit":"","combine":"maximum"}]"#)
        #expect(outputs(2) == "5: probe 2; bigram has 2")
        let other = try #require(ExportedHandle(0))
        let collector = Collector()
        var writer = collector.writer
        #expect(begins(call { table.outputs?(other.handle, 0, &writer, $0) }, "5: probe 0; "))
    }

    @Test func runs() throws {
        let handle = try #require(ExportedHandle(1, #"{"vocab_size":5}"#))
        let rows = try #require(handle.values[0].data).assumingMemoryBound(to: Float.self)
        let expected = (0 ..< 5).map { (symbol: Int) -> Double in
            let once = Double(rows[5 + symbol])
            let twice = Double(rows[15 + symbol])
            return (once + 2 * twice) / 3
        }
        let found = try run(0, handle, [1, 3, 3], shape: [5])
        #expect(found.status == "0" && zip(found.values, expected).allSatisfy { abs($0 - $1) < 1e-6 })
        #expect(try run(0, handle, [1, 3, 3], shape: [4]).status == "3: the tensor has shape [4] of float64; [5] of float64 is written")
        #expect(
            try run(0, handle, [1, 3, 3], shape: [5], type: SM_FLOAT32).status
                == "3: the tensor has shape [5] of float32; [5] of float64 is written")
        #expect(begins(try run(0, handle, [1, 9, 3], shape: [5]).status, "3: "))
        #expect(begins(try run(1, handle, [1], shape: [2]).status, "13: probe misshapen made a tensor of shape [3]; its axes say [2]"))
        let unbound = try #require(ExportedHandle(1, bound: false))
        #expect(begins(try run(0, unbound, [1], shape: [11]).status, "9: "))
    }

    private func run(
        _ index: UInt32, _ handle: ExportedHandle, _ tokens: [Int32], shape: [Int64], type: UInt32 = SM_FLOAT64
    ) throws -> (status: String, values: [Double]) {
        let function = try #require(unsafeBitCast(described(index).function, to: Function?.self))
        let count = Int(shape.reduce(1, *))
        let data = UnsafeMutableRawPointer.allocate(byteCount: 8 * count, alignment: 64)
        defer { data.deallocate() }
        let values = data.bindMemory(to: Double.self, capacity: count)
        values.initialize(repeating: .nan, count: count)
        let status = shape.withUnsafeBufferPointer { shape in
            var tensor = sm_tensor()
            tensor.data = data
            tensor.device_type = 1
            tensor.rank = Int32(shape.count)
            tensor.scalar_type = type
            tensor.shape = shape.baseAddress
            return withBatch(tokens) { batch in call { function(handle.handle, batch, &tensor, $0) } }
        }
        return (status, Array(UnsafeBufferPointer(start: values, count: count)))
    }

    /// What cannot be exported is told when the plugin is asked, not when a probe goes missing.
    @Test func tooMany() throws {
        func message(_ model: any TensorModel.Type, _ index: Int) -> String {
            do {
                return "\(try ExportedProbes.structs(makeFactory(model), model: index).count)"
            } catch { return "\(error)" }
        }
        #expect(message(BigramModel.self, 7) == "2")
        #expect(message(BigramModel.self, 8).contains("allowed: at most 16, in the first 8 models"))
        #expect(message(CrowdedModel.self, 0).contains("crowded, model 0 of this library, declares 17 probes"))
        #expect(message(DecayModel.self, 100) == "0")
    }
}

/// A model with more probes than the kit has functions for.
private final class CrowdedModel: NextSymbolModel {
    static let card = ModelCard(id: "crowded", name: "Crowded", family: "test", summary: "s", paper: "p")
    static let probes: [Probe<CrowdedModel>] = (0 ..< 17).map { index in
        Probe(
            "p\(index)", "Nothing.", axes: [], unit: "", test: .init({ TestConfiguration() }, expected: [0])
        ) { _, _ in .zeros([]) }
    }
    let table: Embedding
    let shape: ModelShape

    init(_ c: TestConfiguration, _ p: Parameters) throws {
        table = p.embedding("table", c.vocabSize, c.vocabSize)
        shape = ModelShape(vocabulary: c.vocabSize, alphabet: c.vocabSize)
    }

    func logits(_ tokens: Tokens) throws -> Tensor { table(tokens) }
}
